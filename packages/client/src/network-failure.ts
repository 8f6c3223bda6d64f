/**
 * Why a server gave no answer of its own, from what the platform says. Node names the cause of a failed `fetch` by a code (system call,
 * undici, OpenSSL); a browser tells nothing, on purpose, and there it stays `unknown`. Words are for `packages/messages`.
 */
import { isNokkelError } from '@nokkel/base'

export type NetworkFailure =
  /** this machine has no network */
  | 'no-network'
  /** the name of the server is not known */
  | 'name'
  /** the machine is there, nobody listens */
  | 'refused'
  /** no answer in time */
  | 'silent'
  /** the connection was cut */
  | 'cut'
  /** the certificate is not trusted, or not for this name */
  | 'tls'
  /** the certificate is not valid at this time, by this machine's clock */
  | 'tls-time'
  /** something between here and the server wants a sign-in, or forbids the way */
  | 'proxy'
  /** a proxy answers, the server behind it does not */
  | 'gateway'
  /** the server says that it cannot serve now */
  | 'unavailable'
  /** whatever answers is not Nøkkelring */
  | 'other-answer'
  | 'unknown'

const byCode: Readonly<Record<string, NetworkFailure>> = {
  ENETUNREACH: 'no-network',
  EHOSTUNREACH: 'no-network',
  ENETDOWN: 'no-network',
  EADDRNOTAVAIL: 'no-network',
  ENOTFOUND: 'name',
  EAI_AGAIN: 'name',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'silent',
  UND_ERR_CONNECT_TIMEOUT: 'silent',
  UND_ERR_HEADERS_TIMEOUT: 'silent',
  UND_ERR_BODY_TIMEOUT: 'silent',
  ECONNRESET: 'cut',
  EPIPE: 'cut',
  UND_ERR_SOCKET: 'cut',
  CERT_HAS_EXPIRED: 'tls-time',
  CERT_NOT_YET_VALID: 'tls-time',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tls',
  SELF_SIGNED_CERT_IN_CHAIN: 'tls',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tls',
  UNABLE_TO_GET_ISSUER_CERT: 'tls',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tls',
  CERT_REVOKED: 'tls',
  CERT_UNTRUSTED: 'tls',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tls',
  EPROTO: 'tls',
}

/** HTTP statuses of those who stand between (RFC 9110 §15.5.8, RFC 6585 §6) and of gateways whose server is away. */
const byStatus: Readonly<Record<number, NetworkFailure>> = { 407: 'proxy', 511: 'proxy', 502: 'gateway', 504: 'gateway' }
/** levels of `cause`; undici nests two */
const depth = 5

/** null when `error` is no failure to reach the server but an answer of it. */
export function networkFailureOf(error: unknown): NetworkFailure | null {
  if (!isNokkelError(error)) return 'unknown'
  const { code, params } = error
  const status = typeof params.status === 'number' ? params.status : 0
  if (code === 'server-unavailable' || code === 'malformed') {
    const between = byStatus[status]
    if (between !== undefined) return between
    if (params.what !== 'response') return code === 'server-unavailable' ? 'unavailable' : null
    return status >= 500 || status === 429 ? 'unavailable' : 'other-answer'
  }
  if (code === 'timeout') return 'silent'
  return code === 'offline' ? failureOfCause(error.cause) : null
}

function failureOfCause(thrown: unknown): NetworkFailure {
  let cause = thrown
  for (let level = 0; level < depth && cause instanceof Error; level++) {
    const code: unknown = 'code' in cause ? cause.code : undefined
    const known = typeof code === 'string' ? (byCode[code] ?? (code.startsWith('ERR_SSL') ? 'tls' : undefined)) : undefined
    if (known !== undefined) return known
    if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return 'silent'
    // `redirect: 'error'`: our server never redirects, a hotel's sign-in page always does
    if (/redirect/.test(cause.message)) return 'other-answer'
    // several addresses were tried, each with its own failure
    cause = cause instanceof AggregateError && cause.errors.length > 0 ? (cause.errors[0] as unknown) : cause.cause
  }
  return 'unknown'
}
