/** Ways back: the recovery key, the passcodes and the security code with the realms; laid down here, and used by a new device (A5, F2, F3, F6, F7, F10). */
import { isNokkelError } from '@nokkel/base'
import { canonicalCode } from '@nokkel/escrow'
import { ensureMayChangeMembership } from '../class-policy.ts'
import type { DeviceSession } from '../device-session.ts'
import { acceptSigners, recoveryServices } from '../escrow-realms.ts'
import type { Client } from '../facade.ts'
import { recoverByCode, recoveryStanding, waysBack } from '../recover-by-code.ts'
import { recoverWith } from '../recover.ts'
import { checkRecoveryKey, createRecoveryKey, readRecoveryKey, revokeRecoveryKey } from '../recovery-key.ts'
import { layDownSecurityCode, removeSecurityCode, setSecurityCode, type SecurityCode } from '../security-code.ts'

type Recovery = Pick<
  Client,
  | 'createRecoveryKey'
  | 'checkRecoveryKey'
  | 'revokeRecoveryKey'
  | 'recoverWithKey'
  | 'waysBack'
  | 'recoveryStanding'
  | 'recoverWithCode'
  | 'setSecurityCode'
  | 'removeSecurityCode'
  | 'recoveryServices'
  | 'acceptRealms'
>

export function recoveryCalls(session: DeviceSession, { sync }: Pick<Client, 'sync'>): Recovery {
  const { platform, nameOf } = session

  /** On a trusted device that is up to date and may change how one comes back (CIR-23). */
  async function asMember<T>(change: () => Promise<T>): Promise<T> {
    session.keychain.requireTrusted()
    return session.reach(async () => {
      await session.engine.round({ scope: 'full' })
      ensureMayChangeMembership(session.keychain)
      return change()
    })
  }

  /** The way back closed behind this device. With the same code it is open for the next one; where it is not, the status says so. */
  async function layDownAgain(kind: SecurityCode['kind'], code: string): Promise<void> {
    try {
      await session.reach(() => layDownSecurityCode(session.escrowParts, { kind, code: canonicalCode(kind, code) }))
    } catch (error) {
      if (!isNokkelError(error)) throw error
      session.unlocked.escrowFault = error.code
    }
  }

  return {
    createRecoveryKey: ({ replace = false } = {}) =>
      asMember(() => createRecoveryKey(session.keychain, session.api, platform.random, nameOf, replace)),
    checkRecoveryKey: async (text) => checkRecoveryKey(session.keychain, text),
    revokeRecoveryKey: () => asMember(() => revokeRecoveryKey(session.keychain, session.api, nameOf)),
    async recoverWithKey(text, options = {}) {
      const { keychain } = session
      const member = readRecoveryKey(text)
      options.onProgress?.({ phase: 'circle', done: 0, total: 0 })
      await session.reach(() => recoverWith(keychain, session.api, platform.random, member))
      return sync(options)
    },

    waysBack: async () => session.reach(() => waysBack(session.escrowParts)),
    recoveryStanding: async (slot) => session.reach(() => recoveryStanding(session.escrowParts, slot)),
    async recoverWithCode(slot, code, options = {}) {
      options.onProgress?.({ phase: 'circle', done: 0, total: 0 })
      const { codeKind } = await session.reach(() => recoverByCode(session.escrowParts, slot, code))
      const report = await sync(options)
      if (codeKind !== 'passcode') await layDownAgain(codeKind, code)
      return report
    },

    setSecurityCode: (code) => asMember(() => setSecurityCode(session.escrowParts, code)),
    removeSecurityCode: () => asMember(() => removeSecurityCode(session.escrowParts)),
    async recoveryServices() {
      session.keychain.requireTrusted()
      return session.reach(() => recoveryServices(session.escrowParts))
    },
    async acceptRealms() {
      session.keychain.requireTrusted()
      await session.reach(() => acceptSigners(session.escrowParts))
      await session.tendEscrow()
    },
  }
}
