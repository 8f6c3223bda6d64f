/**
 * AES-256-GCM of the platform (WebCrypto) for many messages under one key: opening a keychain of ten thousand items, or importing as many,
 * is mostly this, and JavaScript takes ten times as long. Same verdicts as the single calls of the backend, which the tests hold. Not used for
 * few messages, where waiting costs more than it saves, nor where the page is no secure context and has none.
 */
import type { Bytes } from '@nokkel/base'
import type { Openable, Sealable } from './backend.ts'

/** How many are under way at once: each is a task of its own for the browser. */
const atOnce = 256

export const hasPlatformAes = (): boolean => (crypto as Partial<typeof crypto>).subtle !== undefined

const bytesOf = (buffer: ArrayBuffer): Bytes => new Uint8Array(buffer)

async function inTurns<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = []
  for (let at = 0; at < all.length; at += atOnce) done.push(...(await Promise.all(all.slice(at, at + atOnce).map(work))))
  return done
}

export async function sealManyByPlatform(key: Uint8Array, messages: readonly Sealable[]): Promise<Bytes[]> {
  const imported = await crypto.subtle.importKey('raw', key as Bytes, { name: 'AES-GCM' }, false, ['encrypt'])
  return inTurns(messages, async ({ nonce, aad, plaintext }) =>
    bytesOf(
      await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce as Bytes, additionalData: aad as Bytes }, imported, plaintext as Bytes),
    ),
  )
}

/** `undefined` for each that does not open, whatever the reason. */
export async function openManyByPlatform(key: Uint8Array, messages: readonly Openable[]): Promise<(Bytes | undefined)[]> {
  const imported = await crypto.subtle.importKey('raw', key as Bytes, { name: 'AES-GCM' }, false, ['decrypt'])
  return inTurns(messages, ({ nonce, aad, sealed }) =>
    crypto.subtle
      .decrypt({ name: 'AES-GCM', iv: nonce as Bytes, additionalData: aad as Bytes }, imported, sealed as Bytes)
      .then(bytesOf, () => undefined),
  )
}
