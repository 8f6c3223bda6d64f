/** Starts the app: the worker first, so that it opens the store while the page draws itself. */
import './base.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startUpdates } from './app/app-update.ts'
import { WordsProvider } from './app/state.tsx'
import { startWorker } from './app/worker-client.ts'
import { App } from './screens/app.tsx'
import { Boundary } from './screens/boundary.tsx'

startWorker()
// where the browser has no service worker, or allows none, the app works all the same, with a network
void startUpdates().catch(() => undefined)
const place = document.getElementById('app')
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <WordsProvider>
        <Boundary>
          <App />
        </Boundary>
      </WordsProvider>
    </StrictMode>,
  )
