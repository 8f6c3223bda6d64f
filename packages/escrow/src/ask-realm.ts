/**
 * One question to one realm: sent again, byte for byte, while no answer comes (a realm charges the same request once, A24), and believed
 * only if the realm's own key signed the answer to this very request.
 */
import { isNokkelError, NokkelError, type Bytes, type CborReader, type CborValue, type Random } from '@nokkel/base'
import { createSigningKey, sign, type SigningKey } from '@nokkel/crypto'
import { openAnswer } from './realm/answers.ts'
import type { RealmId, RegistrationId } from './realm/ids.ts'
import { requestLabels } from './realm/labels.ts'
import type { Realm, RealmOperation } from './realm/realm.ts'
import { encodeRequestBody, requestHash, type RequestKind } from './realm/requests.ts'
import { encodeSignedBody } from './realm/signer.ts'
import { nonceBytes, type TokenKind } from './realm/token.ts'

/** A realm and the key of the realm list that its answers must carry. */
export interface RealmEndpoint {
  readonly realm: Realm
  readonly signKey: Bytes
}

/** Where tokens come from: the sign-in server, which also asks for whatever else it asks for (SMS code, a trusted device). */
export type TokenSource = (
  kind: TokenKind,
  registration: RegistrationId | null,
  clientKey: Bytes,
  realms: readonly RealmId[],
) => Promise<ReadonlyMap<RealmId, Bytes>>

export interface Timers {
  /** Calls `callback` once after `delayMs`, unless the function it returns is called before. */
  after(delayMs: number, callback: () => void): () => void
}

export const systemTimers: Timers = {
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

export interface AskingRules {
  readonly timers: Timers
  /** patience with one try */
  readonly timeoutMs: number
  readonly tries: number
  /** how long a survey that could go on already waits for the realms that have not answered */
  readonly graceMs: number
}

export const askingRules: AskingRules = { timers: systemTimers, timeoutMs: 8_000, tries: 3, graceMs: 1_500 }

export type RealmFault =
  /** no answer in time, however often it was asked */
  | 'unreachable'
  /** it would not, and does not say why */
  | 'refused'
  /** the sign-in server gave no token for it */
  | 'no-token'
  /** an answer that it did not sign, or a proof that does not hold */
  | 'lying'
  /** it shows another registration than most, or than the circle knows */
  | 'differs'
  | 'rate-limited'
  /** older registrations must be destroyed first */
  | 'full'

export type Asked<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly fault: RealmFault }

/** An ephemeral key and the tokens made out to it, for one purpose. */
export interface Errand {
  readonly key: SigningKey
  readonly tokens: ReadonlyMap<RealmId, Bytes>
}

export async function createErrand(
  random: Random,
  source: TokenSource,
  kind: TokenKind,
  registration: RegistrationId | null,
  endpoints: readonly RealmEndpoint[],
): Promise<Errand> {
  const key = createSigningKey(random)
  return {
    key,
    tokens: await source(
      kind,
      registration,
      key.publicKey,
      endpoints.map(({ realm }) => realm.id),
    ),
  }
}

/** Makes the request once, so that every try sends the same bytes. Undefined without a token for this realm. */
export function makeRequest(
  random: Random,
  errand: Errand,
  endpoint: RealmEndpoint,
  kind: RequestKind,
  fields: readonly CborValue[],
): Bytes | undefined {
  const token = errand.tokens.get(endpoint.realm.id)
  if (token === undefined) return undefined
  const body = encodeRequestBody(kind, token, random.bytes(nonceBytes), fields)
  return encodeSignedBody({ body, signature: sign(errand.key, requestLabels[kind], body) })
}

/** Never throws for what a realm or the network does; programming faults come out. */
export async function askRealm<T>(
  endpoint: RealmEndpoint,
  operation: RealmOperation,
  request: Bytes | undefined,
  read: (reader: CborReader) => T,
  rules: AskingRules,
): Promise<Asked<T>> {
  if (request === undefined) return { ok: false, fault: 'no-token' }
  let fault: RealmFault = 'unreachable'
  for (let attempt = 0; attempt < rules.tries; attempt++) {
    let answer: Bytes
    try {
      answer = await inTime(endpoint.realm[operation](request), rules)
    } catch (error) {
      fault = faultOf(error)
      if (fault !== 'unreachable') return { ok: false, fault }
      continue
    }
    try {
      return { ok: true, value: openAnswer(answer, endpoint.realm.id, endpoint.signKey, requestHash(request), read) }
    } catch (error) {
      if (!isNokkelError(error, 'malformed', 'too-large')) throw error
      return { ok: false, fault: 'lying' }
    }
  }
  return { ok: false, fault }
}

function faultOf(error: unknown): RealmFault {
  if (!isNokkelError(error)) throw error
  if (error.group === 'offline' || error.code === 'busy') return 'unreachable'
  if (error.code === 'rate-limited') return 'rate-limited'
  if (error.code === 'conflict' || error.code === 'quota-exceeded') return 'full'
  return 'refused'
}

function inTime<T>(promise: Promise<T>, rules: AskingRules): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = rules.timers.after(rules.timeoutMs, () => reject(new NokkelError('timeout')))
    promise.then(resolve, reject).finally(cancel)
  })
}
