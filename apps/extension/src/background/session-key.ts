/**
 * The unlock key between two lives of the background: a service worker is ended after half a minute without work, and the user must not
 * type the passcode again for that. `storage.session` is memory of the browser, never a file, and closed to content scripts.
 */
import { fromBase64url, Secret, toBase64url } from '@nokkel/base'
import { browser } from '../browser.ts'

const keyName = 'unlock-key'
const touchedName = 'touched-ms'

export async function keepKey(key: Secret): Promise<void> {
  await browser.storage.session.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' })
  await browser.storage.session.set({ [keyName]: toBase64url(key.reveal()), [touchedName]: Date.now() })
  key.destroy()
}

export async function keptKey(): Promise<Secret | null> {
  const value = (await browser.storage.session.get(keyName))[keyName]
  return typeof value === 'string' ? new Secret(fromBase64url(value)) : null
}

export async function forgetKey(): Promise<void> {
  await browser.storage.session.remove([keyName, touchedName])
}

/** The user did something: the time to the automatic lock begins anew. */
export async function touch(): Promise<void> {
  await browser.storage.session.set({ [touchedName]: Date.now() })
}

/** Endless when nobody knows, or by a clock that was set back: neither may keep a keychain open. */
export async function idleMs(): Promise<number> {
  const value = (await browser.storage.session.get(touchedName))[touchedName]
  const ageMs = typeof value === 'number' ? Date.now() - value : -1
  return ageMs < 0 ? Number.POSITIVE_INFINITY : ageMs
}
