/** Off here, off everywhere, a new keychain in the old one's place, and an empty device (D2, D3, D4). */
import { NokkelError } from '@nokkel/base'
import { sessionOf } from '@nokkel/sync'
import type { DeviceSession } from '../device-session.ts'
import type { Client } from '../facade.ts'
import { resetKeychain } from '../reset.ts'
import { forgetEverything } from '../sign-up.ts'
import { turnOffEverywhere, turnOffHere } from '../turn-off.ts'
import { ignoreEnded } from './ended.ts'

type Ending = Pick<Client, 'turnOff' | 'isOffEverywhere' | 'resetKeychain' | 'eraseDevice'>

export function endingCalls(session: DeviceSession, { sync, status }: Pick<Client, 'sync' | 'status'>): Ending {
  return {
    async turnOff({ copy, everywhere = false }) {
      const { keychain } = session
      keychain.requireTrusted()
      await session.reach(() =>
        everywhere
          ? turnOffEverywhere(keychain, session.api, session.engine, copy)
          : turnOffHere(keychain, session.api, session.engine, session.nameOf, copy),
      )
      session.forgetConnection()
    },

    async isOffEverywhere() {
      const { identity } = session.keychain
      if (identity === null || identity.token === null) return false
      const { end } = await session.reach(() => session.api.session(sessionOf(identity)))
      return end?.kind === 'off'
    },

    async resetKeychain(details, options = {}) {
      const { keychain } = session
      await session.reach(async () => {
        // what the others wrote last belongs to what this device puts in the old keychain's place
        if (details.from === 'device' && keychain.identity?.mode === 'trusted')
          await session.engine.round({ scope: 'full' }).catch(ignoreEnded)
        await resetKeychain(keychain, session.api, session.platform, details)
      })
      session.forgetConnection()
      await sync(options)
      return status()
    },

    async eraseDevice() {
      const { keychain } = session
      if (keychain.identity?.mode === 'trusted') throw new NokkelError('turn-off-first')
      await forgetEverything(keychain)
      session.forgetConnection()
    },
  }
}
