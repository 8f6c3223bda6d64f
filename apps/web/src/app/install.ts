/** Installing as an app of the system, where the browser offers it to pages: kept until a person asks for it in the settings. */
import { useSyncExternalStore } from 'react'

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>
}
const listeners = new Set<() => void>()
let offer: (() => void) | null = null

function set(next: (() => void) | null): void {
  offer = next
  for (const listener of listeners) listener()
}

addEventListener('beforeinstallprompt', (event) => {
  event.preventDefault()
  const prompt = event as InstallPrompt
  set(() => {
    set(null)
    void prompt.prompt().catch(() => undefined)
  })
})
addEventListener('appinstalled', () => set(null))

/** Null where it is installed already, or the browser does not offer it. */
export function useInstall(): (() => void) | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => offer,
  )
}
