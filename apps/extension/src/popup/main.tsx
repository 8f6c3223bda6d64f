/** Starts the popup, or the same page in a tab for the first steps (`#tab`), where a popup would close as soon as one looks elsewhere. */
import '@nokkel/ui/base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { connect } from './background.ts'
import { ProofAsked } from './proof-question.tsx'
import { WordsProvider } from './state.tsx'

connect()
if (location.hash.startsWith('#tab')) document.documentElement.dataset['tab'] = ''
const place = document.getElementById('app')
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <WordsProvider>
        <App />
        <ProofAsked />
      </WordsProvider>
    </StrictMode>,
  )
