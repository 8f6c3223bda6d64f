/**
 * The worker's calls about ways back (F1 … F10): two factors, number, security code, passcodes with the recovery services, recovery key. Those
 * that change security ask for a proof of their own (C1): the passcode where the client itself wants it, else a fresh one.
 */
import { securityCodeReason, type CallOptions, type Client } from '@nokkel/client'
import type { PersonProof } from '@nokkel/client/browser'
import type { Calls, WaysBackInfo } from './protocol.ts'

export interface RecoveryContext {
  readonly client: () => Client
  readonly proof: PersonProof
  readonly proofMinutes: () => number
  /** something was changed here: page and other tabs are to know */
  readonly changed: () => Promise<void>
  /** a device that is not trusted yet tries to become so */
  readonly comeBack: (work: (options: CallOptions) => Promise<unknown>) => Promise<void>
}

type RecoveryCalls = Pick<
  Calls,
  | 'waysBackInfo'
  | 'number'
  | 'changeNumber'
  | 'confirmNumber'
  | 'addNumber'
  | 'confirmAddedNumber'
  | 'removeNumber'
  | 'sendVerification'
  | 'checkVerification'
  | 'verificationStatus'
  | 'stopSupportCase'
  | 'turnOnTwoFactor'
  | 'turnOffTwoFactor'
  | 'securityCodeReason'
  | 'setSecurityCode'
  | 'removeSecurityCode'
  | 'layDownPasscode'
  | 'acceptRealms'
  | 'createRecoveryKey'
  | 'checkRecoveryKey'
  | 'revokeRecoveryKey'
  | 'recoverWithKey'
  | 'waysBack'
  | 'recoveryStanding'
  | 'recoverWithCode'
  | 'deviceCode'
>

export function recoveryCalls({ client, proof, proofMinutes, changed, comeBack }: RecoveryContext): RecoveryCalls {
  return {
    async waysBackInfo(): Promise<WaysBackInfo> {
      const [verification, services] = await Promise.all([
        client().twoFactor(),
        client()
          .state()
          .then((state) => (state === 'trusted' ? client().recoveryServices() : null)),
      ])
      return { verification, services }
    },
    async number() {
      proof.ensure(proofMinutes())
      return (await client().number()).number
    },
    changeNumber: (number, passcode) => client().changeNumber(number, { passcode }),
    async confirmNumber(id, code) {
      await client().confirmNumber(id, code)
      await changed()
    },
    addNumber: (number, passcode) => client().addNumber(number, { passcode }),
    async confirmAddedNumber(id, code) {
      await client().confirmAddedNumber(id, code)
      await changed()
    },
    async removeNumber(id, passcode) {
      await client().removeNumber(id, { passcode })
      await changed()
    },
    sendVerification: (purpose, to) => client().sendVerification(purpose, to),
    checkVerification: (id, code, purpose) => client().checkVerification(id, code, purpose),
    verificationStatus: (id) => client().verificationStatus(id),
    async stopSupportCase() {
      await client().stopSupportCase()
      await changed()
    },
    async turnOnTwoFactor(passcode) {
      await client().setTwoFactor(true, { passcode })
      await changed()
    },
    async turnOffTwoFactor(passcode, id, code) {
      // a slip in the passcode must not use the code up
      await client().checkPasscode(passcode)
      await client().checkVerification(id, code, 'two-factor')
      await client().setTwoFactor(false, { passcode })
      await changed()
    },
    securityCodeReason: async (kind, code) => securityCodeReason(kind, code),
    async setSecurityCode(code) {
      proof.useFresh()
      const set = await client().setSecurityCode(code)
      await changed()
      return code.kind === 'random' ? set : null
    },
    async removeSecurityCode() {
      proof.useFresh()
      await client().removeSecurityCode()
      await changed()
    },
    async layDownPasscode(passcode) {
      await client().checkPasscode(passcode)
      await client().sync()
      await changed()
    },
    async acceptRealms() {
      proof.useFresh()
      await client().acceptRealms()
      await changed()
    },
    async createRecoveryKey(replace) {
      proof.useFresh()
      const text = await client().createRecoveryKey({ replace })
      await changed()
      return text
    },
    checkRecoveryKey: (text) => client().checkRecoveryKey(text),
    async revokeRecoveryKey() {
      proof.useFresh()
      await client().revokeRecoveryKey()
      await changed()
    },
    recoverWithKey: (text) => comeBack((options) => client().recoverWithKey(text, options)),
    waysBack: () => client().waysBack(),
    recoveryStanding: (slot) => client().recoveryStanding(slot),
    recoverWithCode: (slot, code) => comeBack((options) => client().recoverWithCode(slot, code, options)),
    async deviceCode() {
      proof.useFresh()
      return client().deviceCode()
    },
  }
}
