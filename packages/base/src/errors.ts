/**
 * The closed union of error codes. A code is part of the public interface: it never changes its meaning, and the words for it
 * live in `packages/messages`. Parameters are for those words and for logs, so they never hold a secret (house rule 10).
 */

/** Grouped by who can do something about it. Exit codes of the CLI and HTTP statuses are derived from these groups. */
export const errorGroups = {
  /** the caller's input */
  usage: [
    'usage',
    'malformed',
    'too-large',
    'not-found',
    'ambiguous',
    'field-unknown',
    'secret-in-argument',
    'format-unknown',
    'import-encrypted',
    'import-too-many-rows',
    'weak-passcode',
    'weak-password',
    'weak-security-code',
    'email-invalid',
    'server-url-invalid',
    'phone-invalid',
    'region-invalid',
    'config-invalid',
    'recovery-key-invalid',
    'qr-invalid',
  ],
  /** a proof was wrong: one answer for each proof, whatever the reason inside (house rule 11) */
  proof: [
    'sign-in-failed',
    'passcode-wrong',
    'passcode-throttled',
    'authenticator-wrong',
    'authenticator-missing',
    'proof-needed',
    'code-wrong',
    'recovery-code-wrong',
    'verification-code-wrong',
    'escrow-refused',
    'open-failed',
    'signature-invalid',
  ],
  /** the keychain on this device is locked */
  locked: ['locked'],
  /** the device is not, not yet or no longer trusted */
  trust: ['not-signed-in', 'not-trusted', 'device-removed', 'session-invalid', 'session-pending', 'keychain-off', 'keychain-ended'],
  /** the network or the server is away */
  offline: ['offline', 'timeout', 'server-unavailable', 'realms-unavailable'],
  /** refused by policy, quota or version */
  refused: [
    'account-exists',
    'registration-closed',
    'rate-limited',
    'quota-exceeded',
    'client-too-old',
    'server-too-old',
    'region-unavailable',
    'clock-skew',
    'last-device',
    'device-limit',
    'already-signed-in',
    'already-on',
    'already-trusted',
    'other-account-copy',
    'cannot-remove-self',
    'turn-off-first',
    'recovery-key-exists',
    'recovery-key-unknown',
    'recovery-stale',
    'recovery-unknown',
    'recovery-wait',
    'recovery-burned',
    'recovery-locked',
    'realms-changed',
    'verification-needed',
    'password-needed',
    'two-factor-on',
    'two-factor-off',
    'policy-forbids',
    'number-missing',
    'number-limit',
    'push-unavailable',
    'method-not-allowed',
  ],
  /** approval of a new device */
  join: [
    'request-not-found',
    'request-expired',
    'request-declined',
    'applicant-offline',
    'code-attempts-used',
    'qr-outdated',
    'join-failed',
  ],
  /** the server was caught: each is named to the user, none is retried silently (SPEC CIR, SYN) */
  alarm: [
    'circle-forked',
    'circle-rolled-back',
    'circle-invalid',
    'circle-mismatch',
    'record-withheld',
    'record-forged',
    'batch-gap',
    'batch-equivocation',
    'state-diverged',
    'log-rolled-back',
    'update-needed',
    'share-invalid',
  ],
  /** concurrent change: pull, merge, try again */
  conflict: ['conflict', 'circle-moved', 'epoch-old', 'cursor-gone', 'busy'],
  /** this machine */
  local: ['disk-full', 'store-damaged', 'store-too-new', 'home-in-use', 'cancelled', 'internal', 'io-failed'],
} as const

export type ErrorGroup = keyof typeof errorGroups
export type ErrorCode = (typeof errorGroups)[ErrorGroup][number]
export type ErrorParams = Readonly<Record<string, string | number | boolean>>

const groupOf = new Map<string, ErrorGroup>()
for (const [group, codes] of Object.entries(errorGroups)) for (const code of codes) groupOf.set(code, group as ErrorGroup)

export const errorCodes: readonly ErrorCode[] = Object.values(errorGroups).flat()

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && groupOf.has(value)
}

export class NokkelError extends Error {
  override readonly name = 'NokkelError'
  readonly code: ErrorCode
  readonly params: ErrorParams

  constructor(code: ErrorCode, params: ErrorParams = {}, options?: ErrorOptions) {
    super(code, options)
    this.code = code
    this.params = params
  }

  get group(): ErrorGroup {
    return groupOf.get(this.code) as ErrorGroup
  }
}

/** True when `error` is ours and carries one of `codes` (any of ours when none is given). */
export function isNokkelError(error: unknown, ...codes: readonly ErrorCode[]): error is NokkelError {
  return error instanceof NokkelError && (codes.length === 0 || codes.includes(error.code))
}
