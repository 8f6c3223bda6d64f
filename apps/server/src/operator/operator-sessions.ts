/**
 * Sign-in of operators to their page: a code that the command line gets with a request signed by the operator's key, good once and for a
 * minute, is exchanged for a cookie of half an hour. In memory: after a restart they sign in again. Neither passwords nor keys reach a browser.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { NokkelError, toBase64url, type Clock, type Random } from '@nokkel/base'

const codeMs = 60_000
const sessionMs = 30 * 60_000
const tokenBytes = 32
const sessionsMost = 20

export interface OperatorSession {
  readonly operator: string
  /** in every form of the page: what another site sends does not have it */
  readonly formToken: string
}

interface Kept<T> {
  readonly value: T
  readonly untilMs: number
}

/** Kept by their hashes, as the tokens of devices are. */
const nameOf = (token: string): string => createHash('sha256').update(token).digest('base64url')

export class OperatorSessions {
  readonly #clock: Clock
  readonly #random: Random
  readonly #codes = new Map<string, Kept<string>>()
  readonly #sessions = new Map<string, Kept<OperatorSession>>()

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  issueCode(operator: string): string {
    return this.#keep(this.#codes, operator, codeMs)
  }

  /** Throws `not-found`, whatever was wrong with the code. */
  signIn(code: string): string {
    const operator = this.#find(this.#codes, code)
    this.#codes.delete(nameOf(code))
    if (operator === undefined) throw new NokkelError('not-found')
    return this.#keep(this.#sessions, { operator, formToken: toBase64url(this.#random.bytes(tokenBytes)) }, sessionMs)
  }

  find(token: string): OperatorSession | undefined {
    return this.#find(this.#sessions, token)
  }

  signOut(token: string): void {
    this.#sessions.delete(nameOf(token))
  }

  #keep<T>(kept: Map<string, Kept<T>>, value: T, forMs: number): string {
    const token = toBase64url(this.#random.bytes(tokenBytes))
    const nowMs = this.#clock.nowMs()
    for (const [name, { untilMs }] of kept) if (untilMs <= nowMs) kept.delete(name)
    if (kept.size >= sessionsMost) for (const oldest of kept.keys()) if (kept.delete(oldest)) break
    kept.set(nameOf(token), { value, untilMs: nowMs + forMs })
    return token
  }

  #find<T>(kept: Map<string, Kept<T>>, token: string): T | undefined {
    const found = /^[A-Za-z0-9_-]{43}$/.test(token) ? kept.get(nameOf(token)) : undefined
    return found !== undefined && this.#clock.nowMs() < found.untilMs ? found.value : undefined
  }
}

export function isSameToken(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
