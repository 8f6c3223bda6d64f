/** The second factor and the verification number: codes sent and shown, two factors on and off, the support's case (F1 … F5, F8). */
import { NokkelError } from '@nokkel/base'
import { afterTwoFactorChange } from '../after-two-factor-change.ts'
import { ensureMayChangeMembership } from '../class-policy.ts'
import type { DeviceSession } from '../device-session.ts'
import type { Client, TwoFactorInfo } from '../facade.ts'
import { normalisePhone } from '../sign-up.ts'
import { learnTwoFactor, readTwoFactorSetting, signTwoFactor } from '../two-factor.ts'

type Verification = Pick<
  Client,
  | 'sendVerification'
  | 'checkVerification'
  | 'verificationStatus'
  | 'deviceCode'
  | 'twoFactor'
  | 'setTwoFactor'
  | 'number'
  | 'changeNumber'
  | 'confirmNumber'
  | 'addNumber'
  | 'confirmAddedNumber'
  | 'removeNumber'
  | 'stopSupportCase'
>

/** People type the gap that they see. Throws `verification-code-wrong` for what cannot be a code. */
function digitsOf(code: string): string {
  const digits = code.replaceAll(/\s/g, '')
  if (!/^[0-9]{6}$/.test(digits)) throw new NokkelError('verification-code-wrong')
  return digits
}

export function verificationCalls(session: DeviceSession): Verification {
  async function twoFactor(): Promise<TwoFactorInfo> {
    const { keychain } = session
    const told = await session.asSignedIn((api, of) => api.verification(of))
    const { numberEnd, further, supportCase } = told
    if (keychain.identity?.mode !== 'trusted') return { on: told.twoFactor, verified: false, numberEnd, further, supportCase }
    await learnTwoFactor(keychain, told.twoFactorStatement, session.nameOf)
    return { on: await readTwoFactorSetting(keychain), verified: true, numberEnd, further, supportCase }
  }

  return {
    sendVerification: (purpose, to = null) => session.asSignedIn((api, of) => api.verificationSend(of, { purpose, to })),
    async checkVerification(id, code, purpose) {
      const digits = digitsOf(code)
      await session.asSignedIn((api, of) => api.verificationCheck(of, { id, code: digits, purpose }))
    },
    verificationStatus: (id) => session.asSignedIn((api, of) => api.verificationStatus(of, id)),
    deviceCode: () => session.asTrusted((api, of) => api.deviceCode(of)),
    twoFactor,

    async setTwoFactor(on, { passcode }) {
      const { keychain } = session
      keychain.requireTrusted()
      await session.checkPasscode(passcode)
      // the ways back of the other kind are closed by it
      ensureMayChangeMembership(keychain)
      if ((await twoFactor()).on === on) return
      await session.reach(() => signTwoFactor(keychain, session.api, on))
      await session.reach(() => afterTwoFactorChange(session.escrowParts, on))
      if (!on) return
      await session.keepIfDue(passcode)
      await session.tendEscrow()
    },

    async number() {
      if (session.keychain.identity?.mode !== 'trusted') {
        const { numberEnd, further } = await twoFactor()
        return { number: null, numberEnd, further: further.map(({ id, end }) => ({ id, end, number: null })) }
      }
      const { phone, further } = await session.asTrusted((api, of) => api.account(of))
      const shown = further.map(({ id, number }) => ({ id, end: number.slice(-2), number }))
      return { number: phone, numberEnd: phone?.slice(-2) ?? null, further: shown }
    },
    async changeNumber(number, { passcode }) {
      await session.checkPasscode(passcode)
      const plain = normalisePhone(number)
      return session.asSignedIn((api, of) => api.numberChange(of, { number: plain }))
    },
    async confirmNumber(id, code) {
      const digits = digitsOf(code)
      await session.asSignedIn((api, of) => api.numberConfirm(of, { id, code: digits }))
    },
    async addNumber(number, { passcode }) {
      await session.checkPasscode(passcode)
      const plain = normalisePhone(number)
      return session.asTrusted((api, of) => api.numberAdd(of, { number: plain }))
    },
    async confirmAddedNumber(id, code) {
      const digits = digitsOf(code)
      await session.asTrusted((api, of) => api.numberAddConfirm(of, { id, code: digits }))
    },
    async removeNumber(id, { passcode }) {
      await session.checkPasscode(passcode)
      await session.asTrusted((api, of) => api.numberRemove(of, { id }))
    },
    stopSupportCase: async () => void (await session.asTrusted((api, of) => api.supportStop(of))),
  }
}
