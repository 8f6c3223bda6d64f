/** Two factors and the verification number (F1–F5, F8): what is there, what is asked for, and by whom it can be changed. */
import { defineCause, found, foundIf } from '../cause.ts'
import type { Symptom } from '../symptom.ts'

const ofNumber: readonly Symptom[] = ['sms-not-arriving', 'number-not-changing']

/** With two factors there is no separate number and no security code, and no screen asks for them (F2). */
export const twoFactorOn = defineCause({
  code: 'two-factor-on',
  symptoms: [...ofNumber, 'code-forgotten', 'code-too-many'],
  severity: 'note',
  onlyAsked: true,
  observes: ['verification'],
  find: ({ verification }) => foundIf(verification?.twoFactor === true, [], verification?.verified === true ? 'certain' : 'likely'),
  steps: ['two-factor-instead', 'approve-elsewhere', 'recovery-key'],
  explainedBy: ['code-destroyed', 'code-locked', 'code-waits', 'code-attempts-few'],
})

export const numberBySupport = defineCause({
  code: 'number-by-support',
  symptoms: ofNumber,
  severity: 'attention',
  observes: ['verification'],
  find({ verification }) {
    const known = verification?.supportCase ?? null
    if (known === null) return null
    return found(
      [
        { name: 'state', type: 'word', value: `support-${known.state}` },
        ...(known.dueMs === null ? [] : ([{ name: 'time', type: 'time', value: known.dueMs }] as const)),
      ],
      'likely',
    )
  },
  steps: ['wait-for-support', 'stop-support'],
})

const hourMs = 3_600_000

/** The gateway knows why; the newest message counts, so that one that came cures it (F8). */
export const smsFailed = defineCause({
  code: 'sms-failed',
  symptoms: ['sms-not-arriving', 'number-not-changing'],
  severity: 'problem',
  observes: ['verification'],
  find({ verification }) {
    const last = verification?.lastSms ?? null
    if (last === null || last.state !== 'failed' || last.ageMs > hourMs) return null
    return found([{ name: 'reason', type: 'sms-reason', value: last.reason ?? 'unknown' }], 'likely')
  },
  steps: ['check-mobile', 'send-again', 'change-number', 'tell-operator'],
})

/** Only its end is shown: enough to see that it is an old one (F8). */
export const numberToCheck = defineCause({
  code: 'number-to-check',
  symptoms: ['sms-not-arriving'],
  severity: 'note',
  onlyAsked: true,
  observes: ['verification'],
  find: ({ verification }) =>
    foundIf(
      verification?.twoFactor === false && verification.numberEnd !== null,
      [{ name: 'digits', type: 'digits', value: verification?.numberEnd ?? '' }],
      'likely',
    ),
  steps: ['check-mobile', 'can-receive', 'send-again', 'change-number'],
  explainedBy: ['number-by-support', 'sms-failed'],
})

/** The article's path: the security code first, then the number, on a device where the keychain is on (F5). */
export const numberHere = defineCause({
  code: 'number-here',
  symptoms: ['number-not-changing'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'verification'],
  find: ({ device, verification }) =>
    foundIf(device.state === 'trusted' && verification?.twoFactor === false && verification.numberEnd !== null),
  steps: ['change-code-first', 'change-number', 'ask-support'],
  explainedBy: ['number-by-support'],
})

export const numberElsewhere = defineCause({
  code: 'number-elsewhere',
  symptoms: ['number-not-changing'],
  severity: 'problem',
  onlyAsked: true,
  observes: ['device', 'verification'],
  find: ({ device, verification }) => foundIf(device.state === 'signed-in' && verification?.twoFactor === false, [], 'likely'),
  steps: ['open-other-device', 'ask-support'],
  explainedBy: ['number-by-support'],
})
