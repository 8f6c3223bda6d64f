/**
 * Who may act for the support (H1): names with public keys, in a file that the operator of the server writes. Each person has a key of their own in a
 * file of their own; the server has none of them. A request is signed over what it asks, for this server, at this time, once.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import * as v from 'valibot'
import { fromBase64url, fromHex, NokkelError, type Bytes } from '@nokkel/base'

export const operatorHeader = 'nokkel-operator'
export const operatorWindowMs = 60_000
/** RFC 8410: a SubjectPublicKeyInfo header in front of the 32 bytes of an Ed25519 key */
const spkiHeader = fromHex('302a300506032b6570032100')
const label = 'nk/1/operator'

const name = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,30}$/))
/** names under which the server itself writes into the audit log */
const reserved: readonly string[] = ['server', 'device']
const shape = v.pipe(
  v.array(v.strictObject({ name, publicKey: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{43}$/)) })),
  v.maxLength(100),
  v.check((all) => new Set(all.map((each) => each.name)).size === all.length, 'one name a person'),
  v.check((all) => new Set(all.map((each) => each.publicKey)).size === all.length, 'one key a person'),
  v.check((all) => all.every((each) => !reserved.includes(each.name)), 'other names than server and device'),
)

export type Operators = ReadonlyMap<string, Bytes>

/** Throws `config-invalid`. */
export function readOperators(file: string | null): Operators {
  if (file === null) return new Map()
  try {
    return new Map(v.parse(shape, JSON.parse(readFileSync(file, 'utf8'))).map((each) => [each.name, fromBase64url(each.publicKey)]))
  } catch (error) {
    throw new NokkelError(
      'config-invalid',
      { setting: 'NOKKEL_OPERATORS', expected: 'a JSON file: [{"name": "kari", "publicKey": "…"}, …], each name and key once' },
      { cause: error },
    )
  }
}

/** What an operator signs. */
export function operatorMessage(serverId: string, path: string, timeMs: number, body: Uint8Array): Buffer {
  const hash = createHash('sha256').update(body).digest('hex')
  return Buffer.from(`${label}\0${JSON.stringify([serverId, path, timeMs, hash])}`)
}

/** Every signature is good once: what was overheard cannot be sent again. */
export class OperatorRequests {
  readonly #operators: Operators
  readonly #serverId: string
  readonly #used = new Map<string, number>()

  constructor(operators: Operators, serverId: string) {
    this.#operators = operators
    this.#serverId = serverId
  }

  /** The name of who signed. Throws `signature-invalid`, whatever was wrong. */
  operatorOf(header: string | undefined, path: string, body: Uint8Array, nowMs: number): string {
    const match = /^([a-z][a-z0-9-]{0,30})\.(\d{1,15})\.([A-Za-z0-9_-]{86})$/.exec(header ?? '')
    const [, who = '', time = '', signature = ''] = match ?? []
    const key = this.#operators.get(who)
    const timeMs = Number(time)
    if (match === null || key === undefined || Math.abs(nowMs - timeMs) > operatorWindowMs) throw new NokkelError('signature-invalid')
    const spki = createPublicKey({ key: Buffer.concat([spkiHeader, key]), format: 'der', type: 'spki' })
    const isRight = verify(null, operatorMessage(this.#serverId, path, timeMs, body), spki, fromBase64url(signature))
    for (const [old, untilMs] of this.#used) if (untilMs < nowMs) this.#used.delete(old)
    if (!isRight || this.#used.has(signature)) throw new NokkelError('signature-invalid')
    this.#used.set(signature, timeMs + 2 * operatorWindowMs)
    return who
  }
}
