/** Starts the popup, or the same page in a tab for the first steps (`#tab`), where a popup would close as soon as one looks elsewhere. */
import '@nokkel/ui/base.css'
import { tellActs } from '@nokkel/ui/acts'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { connect, send } from './background.ts'
import { ProofAsked } from './proof-question.tsx'
import { WordsProvider } from './state.tsx'

function show(): void {
  const place = document.getElementById('app')
  // this script waits for nothing, not even for the page to have been read
  if (place === null) return document.addEventListener('DOMContentLoaded', show, { once: true })
  createRoot(place).render(
    <StrictMode>
      <WordsProvider>
        <App />
        <ProofAsked />
      </WordsProvider>
    </StrictMode>,
  )
}

const touch = (): void => void send('touch').catch(() => undefined)

connect()
// to open it is to do something, which the first rows do not wait for
requestIdleCallback(touch)
tellActs(touch)
if (location.hash.startsWith('#tab')) document.documentElement.dataset['tab'] = ''
show()
