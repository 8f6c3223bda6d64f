/**
 * The page's side of the service worker: installs it, looks for newer releases, and says when one is whole and waits. A release never
 * takes over under the hands of a person: it waits for `applyUpdate`, and a window with an open dialogue is not reloaded by another.
 */
import { useSyncExternalStore } from 'react'
import { serviceWorkerScript } from './script-urls.ts'

/** `failed`: the server offers another version that is not whole, or not what it says it is; the present one goes on. */
export type AppUpdate = 'none' | 'ready' | 'failed'

const checkEveryMs = 3_600_000
const listeners = new Set<() => void>()
let current: AppUpdate = 'none'
let waiting: ServiceWorker | null = null

function set(update: AppUpdate): void {
  current = update
  for (const listener of listeners) listener()
}

function follow(worker: ServiceWorker, registration: ServiceWorkerRegistration): void {
  let installed = worker.state === 'installed'
  const look = (): void => {
    // the very first one replaces nothing
    if (worker.state === 'installed' && registration.active !== null) {
      installed = true
      waiting = worker
      set('ready')
    } else if (worker.state === 'redundant' && !installed && registration.active !== null) set('failed')
    // a window that the old version did not serve is not told by a change of controller
    else if (worker.state === 'activated' && worker === waiting) takeOver()
  }
  worker.addEventListener('statechange', look)
  look()
}

function takeOver(): void {
  waiting = null
  if (document.querySelector('[role="dialog"]') === null) location.reload()
  else set('ready')
}

/** The window is loaded anew, from the new release, and the keychain is unlocked there again. */
export function applyUpdate(): void {
  if (waiting === null) location.reload()
  else waiting.postMessage('activate')
}

export async function startUpdates(): Promise<void> {
  if (!('serviceWorker' in navigator)) return
  const container = navigator.serviceWorker
  let controlled = container.controller !== null
  container.addEventListener('controllerchange', () => {
    if (controlled) takeOver()
    controlled = true
  })
  const registration = await container.register(serviceWorkerScript(), { scope: '/', updateViaCache: 'none' })
  for (const worker of [registration.installing, registration.waiting]) if (worker !== null) follow(worker, registration)
  registration.addEventListener('updatefound', () => registration.installing !== null && follow(registration.installing, registration))
  const check = (): void => void registration.update().catch(() => undefined)
  setInterval(check, checkEveryMs)
  addEventListener('online', check)
}

export function useAppUpdate(): AppUpdate {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => current,
  )
}
