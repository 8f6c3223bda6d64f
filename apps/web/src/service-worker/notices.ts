/**
 * Notices while the app is closed (PUSH-1). What arrives says of which kind something is and nothing more; the words are the app's own, so
 * that nobody who can send may choose what a person reads. Where the app is in sight, it says everything itself.
 */

/** Written in by the build: for each language and kind the title and the text. */
declare const NOTICES: Readonly<Record<'nb' | 'en', Readonly<Record<string, readonly [title: string, text: string]>>>>

import { noticeLanguage, openDevices } from './notice-language.ts'

interface Client {
  postMessage(message: unknown): void
  readonly visibilityState: string
  focus(): Promise<unknown>
}
interface NoticeScope {
  readonly clients: { matchAll(options: object): Promise<readonly Client[]>; openWindow(url: string): Promise<unknown> }
  readonly registration: { showNotification(title: string, options: object): Promise<void> }
}
const scope = self as unknown as NoticeScope
const notices = NOTICES
const target = '/#/devices'

export async function showNotice(data: { json(): unknown } | null): Promise<void> {
  let kind: unknown
  try {
    kind = (data?.json() as { readonly kind?: unknown } | undefined)?.kind
  } catch {
    // not ours: nothing to say
  }
  const words = notices[await noticeLanguage()]
  const found = typeof kind === 'string' && Object.hasOwn(words, kind) ? words[kind] : words['other']
  const windows = await scope.clients.matchAll({ type: 'window' })
  if (found === undefined || windows.some(({ visibilityState }) => visibilityState === 'visible')) return
  const [title, body] = found
  // one of a kind at a time: the newer takes the older one's place
  await scope.registration.showNotification(title, { body, tag: String(kind), icon: '/icon-192.png', badge: '/icon-192.png' })
}

export async function openFromNotice(): Promise<void> {
  const [window] = await scope.clients.matchAll({ type: 'window', includeUncontrolled: true })
  if (window === undefined) await scope.clients.openWindow(target)
  else {
    window.postMessage(openDevices)
    await window.focus()
  }
}
