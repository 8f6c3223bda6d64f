/** Opening and closing this device: passcode, authenticator, an agent's key; its own settings (C1, D1). Nothing here asks the server. */
import { Secret } from '@nokkel/base'
import { findAuthenticator, forgetAuthenticator, unwrapWithAuthenticator, wrapForAuthenticator } from '../authenticator.ts'
import type { DeviceSession } from '../device-session.ts'
import type { Client } from '../facade.ts'
import { unwrapLocalKey, wrapLocalKey } from '../local-key.ts'
import { defaultSettings, readSettings, writeSettings } from '../settings.ts'
import { putRestored } from '../traces.ts'

type Locking = Pick<
  Client,
  | 'state'
  | 'unlock'
  | 'unlockWithKey'
  | 'unlockKey'
  | 'lock'
  | 'refresh'
  | 'checkPasscode'
  | 'changePasscode'
  | 'authenticator'
  | 'addAuthenticator'
  | 'unlockWithAuthenticator'
  | 'checkAuthenticator'
  | 'removeAuthenticator'
  | 'prepareDevice'
  | 'settings'
  | 'changeSettings'
  | 'close'
>

export function lockingCalls(session: DeviceSession): Locking {
  const { store, platform } = session
  return {
    state: () => session.state(),
    unlock: (passcode) => session.unlock(passcode),
    unlockWithKey: (key) => session.unlockWithKey(key),
    unlockKey: () => new Secret(session.unlocked.key.reveal().slice()),
    lock: () => session.lock(),
    refresh: async () => {
      await session.present?.keychain.refresh()
    },
    checkPasscode: (passcode) => session.checkPasscode(passcode),

    async changePasscode(oldPasscode, newPasscode) {
      const key = await unwrapLocalKey(store, platform.clock, oldPasscode)
      await store.commit(await wrapLocalKey(platform.random, key, newPasscode))
      if (session.present === null) return key.destroy()
      await session.keepIfDue(newPasscode)
      if (session.keychain.identity?.mode === 'trusted') await session.tendEscrow()
    },

    authenticator: () => findAuthenticator(store),
    async addAuthenticator(handle, output) {
      try {
        await wrapForAuthenticator(store, platform.random, session.unlocked.key, handle, output)
      } finally {
        output.destroy()
      }
    },
    async unlockWithAuthenticator(output) {
      try {
        await session.adopt(await unwrapWithAuthenticator(store, output))
      } finally {
        output.destroy()
      }
    },
    async checkAuthenticator(output) {
      try {
        ;(await unwrapWithAuthenticator(store, output)).destroy()
      } finally {
        output.destroy()
      }
    },
    removeAuthenticator: () => forgetAuthenticator(store),

    async prepareDevice(passcode, restoredFrom) {
      await session.unlockOrCreate(passcode)
      const { keychain } = session
      if (restoredFrom !== undefined && keychain.identity === null)
        await keychain.update((staged) => putRestored(staged, { server: restoredFrom.server, timeMs: keychain.nowMs() }))
    },
    settings: async () => (session.present === null ? defaultSettings : readSettings(session.keychain.store)),
    changeSettings: async (changes) => writeSettings(session.keychain, changes),

    async close() {
      session.lock()
      await store.close()
    },
  }
}
