/** Starts the app: the worker first, so that it opens the store while the page draws itself. */
import '@nokkel/ui/base.css'
import './react-aria.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { loadMessages, pickLanguage } from '@nokkel/messages/app'
import { startUpdates } from './app/app-update.ts'
import { WordsProvider } from './app/state.tsx'
import { currentSnapshot, startWorker, subscribe } from './app/worker-client.ts'
import { App } from './screens/app.tsx'
import { Boundary } from './screens/boundary.tsx'

startWorker()
let updating = false
const isControlled = (): boolean => 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null
/** Not before there is a keychain: it fetches the whole release, and nobody reads a welcome without a network. */
function startUpdatesWhenNeeded(): void {
  const state = currentSnapshot()?.state
  if (updating || (!isControlled() && (state === undefined || state === 'empty'))) return
  updating = true
  // where the browser has no service worker, or allows none, the app works all the same, with a network
  void startUpdates().catch(() => undefined)
}
subscribe(startUpdatesWhenNeeded)
startUpdatesWhenNeeded()
const words = await loadMessages(pickLanguage(navigator.languages))
const place = document.getElementById('app')
if (place !== null)
  createRoot(place).render(
    <StrictMode>
      <WordsProvider first={words}>
        <Boundary>
          <App />
        </Boundary>
      </WordsProvider>
    </StrictMode>,
  )
