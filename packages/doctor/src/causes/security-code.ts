/** Codes that bring a device back: forgotten, tried too often, gone, or older than what is typed today (F6, F7). */
import { defineCause, found, foundIf } from '../cause.ts'
import type { Symptom } from '../symptom.ts'
import type { Seen } from '../observations.ts'

const ofCode: readonly Symptom[] = ['code-too-many', 'code-forgotten', 'new-device']
/** F7: ten in all */
const allAttempts = 10
const waysIn = ['open-other-device', 'ask-approval', 'recovery-key', 'reset-last-way'] as const

/** A trusted device was told by the realms; one that waits asks them. */
function gone({ keychain, codes }: Pick<Seen, 'keychain' | 'codes'>, what: 'burned' | 'locked') {
  const news = keychain?.recoveryNews ?? null
  if (news?.what === what) return found([{ name: 'time', type: 'time', value: news.timeMs }])
  return foundIf(codes?.some(({ state }) => state === what) === true, [], 'likely')
}

export const codeDestroyed = defineCause({
  code: 'code-destroyed',
  symptoms: ofCode,
  severity: 'problem',
  observes: ['keychain', 'codes'],
  find: (seen) => gone(seen, 'burned'),
  steps: ['set-code', ...waysIn],
})

export const codeLocked = defineCause({
  code: 'code-locked',
  symptoms: ofCode,
  severity: 'problem',
  observes: ['keychain', 'codes'],
  find: (seen) => gone(seen, 'locked'),
  steps: ['set-code', ...waysIn],
})

export const codeWaits = defineCause({
  code: 'code-waits',
  symptoms: ofCode,
  severity: 'attention',
  observes: ['codes'],
  find({ codes }) {
    const waiting = codes?.filter(({ state, waitMs }) => state === 'open' && waitMs > 0).sort((a, b) => b.waitMs - a.waitMs)[0]
    if (waiting === undefined) return null
    return found(
      [
        { name: 'wait', type: 'duration', value: waiting.waitMs },
        { name: 'count', type: 'count', value: waiting.attemptsLeft },
      ],
      'likely',
    )
  },
  steps: ['wait-then-try', ...waysIn],
})

export const codeAttemptsFew = defineCause({
  code: 'code-attempts-few',
  symptoms: ofCode,
  severity: 'attention',
  observes: ['codes'],
  find({ codes }) {
    const tried = codes
      ?.filter(({ state, attemptsLeft }) => state === 'open' && attemptsLeft < allAttempts)
      .sort((a, b) => a.attemptsLeft - b.attemptsLeft)[0]
    return tried === undefined ? null : found([{ name: 'count', type: 'count', value: tried.attemptsLeft }], 'likely')
  },
  steps: [...waysIn],
  explainedBy: ['code-waits'],
})

/** The passcode was changed, and the realms hold what the old one opens. */
export const recoveryStale = defineCause({
  code: 'recovery-stale',
  symptoms: ['code-forgotten', 'new-device'],
  severity: 'attention',
  observes: ['device', 'keychain'],
  find: ({ device, keychain }) => foundIf(device.state === 'trusted' && keychain?.ownPasscode === 'stale'),
  steps: ['unlock-to-renew'],
  explainedBy: ['code-destroyed', 'code-locked'],
})

/** F6: on a trusted device nothing is lost. */
export const codeSettable = defineCause({
  code: 'code-settable',
  symptoms: ['code-forgotten', 'code-too-many'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'keychain', 'verification'],
  find: ({ device, keychain, verification }) =>
    foundIf(device.state === 'trusted' && verification?.twoFactor === false, [
      { name: 'there', type: 'word', value: keychain?.securityCode === true ? 'code-there' : 'code-none' },
    ]),
  steps: ['set-code'],
  explainedBy: ['code-destroyed', 'code-locked'],
})

export const codeOtherWays = defineCause({
  code: 'code-other-ways',
  symptoms: ['code-forgotten'],
  severity: 'note',
  onlyAsked: true,
  observes: ['device', 'verification'],
  find: ({ device, verification }) => foundIf(device.state === 'signed-in' && verification?.twoFactor === false, [], 'likely'),
  steps: [...waysIn],
  explainedBy: ['code-destroyed', 'code-locked', 'code-waits', 'code-attempts-few'],
})
