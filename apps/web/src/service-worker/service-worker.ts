/**
 * The service worker: keeps the files of one release, to the byte, so that the app opens without a network (A6, SPEC WEB-3). It knows the
 * hash of each from its own build. Whatever is not a file of the release, every answer of the server's interface above all, passes by it
 * and is never kept. It holds no key, and asks for nothing but those files.
 */
import { isStrictPagePolicy } from '@nokkel/base'
import { openFromNotice, showNotice } from './notices.ts'

/** Written in by the build. */
declare const RELEASE: { readonly id: string; readonly files: Readonly<Record<string, string>> }

interface ExtendableEvent extends Event {
  waitUntil(work: Promise<unknown>): void
}
interface FetchEvent extends ExtendableEvent {
  readonly request: Request
  respondWith(answer: Promise<Response>): void
}
interface PushEvent extends ExtendableEvent {
  readonly data: { json(): unknown } | null
}
interface NotificationEvent extends ExtendableEvent {
  readonly notification: { close(): void }
}
interface ServiceWorkerEvents {
  install: ExtendableEvent
  activate: ExtendableEvent
  fetch: FetchEvent
  message: MessageEvent<unknown>
  push: PushEvent
  notificationclick: NotificationEvent
}
interface ServiceWorkerScope {
  skipWaiting(): Promise<void>
  addEventListener<Name extends keyof ServiceWorkerEvents>(name: Name, listener: (event: ServiceWorkerEvents[Name]) => void): void
}
const worker = self as unknown as ServiceWorkerScope

const prefix = 'nokkelring-'
const release = RELEASE
const own = prefix + release.id
const files = new Map(Object.entries(release.files))

/** Throws unless the server's answer is the file of this release, under the policy that the app is written for. */
async function fetchFile(path: string, integrity: string): Promise<Response> {
  // the browser holds the body to the hash; a redirect is not the file, wherever it leads
  const answer = await fetch(path, { integrity, cache: 'no-store', credentials: 'omit', redirect: 'error' })
  if (answer.status !== 200 || !isStrictPagePolicy(answer.headers.get('content-security-policy') ?? '')) throw new TypeError(path)
  return answer
}

/** All or nothing: one file that is missing or another ends the installation, and the version before it goes on. */
async function install(): Promise<void> {
  try {
    const cache = await caches.open(own)
    const fetched = await Promise.all([...files].map(async ([path, integrity]) => [path, await fetchFile(path, integrity)] as const))
    for (const [path, answer] of fetched) await cache.put(path, answer)
  } catch (error) {
    await caches.delete(own)
    throw error
  }
}

async function dropOthers(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(prefix) && name !== own) await caches.delete(name)
}

async function answerWith(path: string, integrity: string): Promise<Response> {
  const cache = await caches.open(own)
  return (await cache.match(path, { ignoreVary: true })) ?? (await fetchFile(path, integrity).catch(() => Response.error()))
}

worker.addEventListener('install', (event) => event.waitUntil(install()))
worker.addEventListener('activate', (event) => event.waitUntil(dropOthers()))
worker.addEventListener('fetch', (event) => {
  const { method, url } = event.request
  const { origin, pathname } = new URL(url)
  const integrity = files.get(pathname)
  if (method === 'GET' && origin === self.location.origin && integrity !== undefined) event.respondWith(answerWith(pathname, integrity))
})
// a new version takes over when a person says so, or when no window of the old one is left
worker.addEventListener('message', (event) => {
  if (event.data === 'activate') void worker.skipWaiting()
})

worker.addEventListener('push', (event) => event.waitUntil(showNotice(event.data)))
worker.addEventListener('notificationclick', (event) => {
  event.notification.close()
  event.waitUntil(openFromNotice())
})
