/**
 * Errors on the wire: RFC 9457 problem details, `type` = "urn:nokkel:problem:" + code, with our stable `code` beside it
 * (SPEC API-3). The status follows from the code; nothing else about a failure leaves the server.
 */
import * as v from 'valibot'
import { errorGroups, isErrorCode, NokkelError, type ErrorCode, type ErrorParams } from '@nokkel/base'

export const problemType = 'application/problem+json'

const statuses: Partial<Record<ErrorCode, number>> = {
  malformed: 400,
  'too-large': 413,
  'not-found': 404,
  'method-not-allowed': 405,
  'sign-in-failed': 401,
  'session-invalid': 401,
  'session-pending': 403,
  'signature-invalid': 401,
  'device-removed': 403,
  'account-exists': 409,
  'registration-closed': 403,
  'rate-limited': 429,
  'quota-exceeded': 507,
  'client-too-old': 426,
  'region-unavailable': 451,
  'clock-skew': 400,
  'device-limit': 403,
  'last-device': 403,
  'code-attempts-used': 403,
  'verification-code-wrong': 403,
  'verification-needed': 403,
  'number-missing': 409,
  'already-trusted': 409,
  'request-not-found': 404,
  'request-expired': 410,
  'request-declined': 410,
  'escrow-refused': 403,
  'two-factor-on': 409,
  'two-factor-off': 409,
  'policy-forbids': 403,
  conflict: 409,
  'circle-moved': 409,
  'epoch-old': 409,
  'cursor-gone': 410,
  busy: 503,
  'server-unavailable': 503,
  'disk-full': 507,
  timeout: 408,
}

export function statusOf(code: ErrorCode): number {
  return statuses[code] ?? (code === 'internal' ? 500 : 400)
}

export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: ErrorCode
  readonly params?: ErrorParams
}

export function problemOf(error: NokkelError): Problem {
  return {
    type: `urn:nokkel:problem:${error.code}`,
    title: error.code,
    status: statusOf(error.code),
    code: error.code,
    params: error.params,
  }
}

const problemSchema = v.object({
  code: v.string(),
  params: v.optional(v.record(v.string(), v.union([v.string(), v.number(), v.boolean()]))),
})

/** What only a device can find out, about itself or about its server. A server that answers so is not believed: its word would set off repairs. */
const deviceCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  ...errorGroups.locked,
  // of a server they say no more than that it cannot serve now: its disk is not this device's
  ...errorGroups.local,
  'passcode-wrong',
  'passcode-throttled',
  'code-wrong',
  'open-failed',
  'weak-passcode',
  'weak-security-code',
  'recovery-code-wrong',
  'recovery-wait',
  'recovery-burned',
  'recovery-locked',
  'realms-changed',
  'realms-unavailable',
  'password-needed',
  'not-signed-in',
  'not-trusted',
  'keychain-off',
  'offline',
  'circle-rolled-back',
  'record-withheld',
  'batch-gap',
  'batch-equivocation',
  'state-diverged',
  'log-rolled-back',
])

/** Anything that is not a problem of ours becomes `server-unavailable` (5xx) or `malformed`. */
export function errorOf(status: number, body: unknown): NokkelError {
  const parsed = v.safeParse(problemSchema, body)
  if (parsed.success && isErrorCode(parsed.output.code) && !deviceCodes.has(parsed.output.code))
    return new NokkelError(parsed.output.code, { ...parsed.output.params, status })
  return new NokkelError(status >= 500 || status === 429 ? 'server-unavailable' : 'malformed', { what: 'response', status })
}
