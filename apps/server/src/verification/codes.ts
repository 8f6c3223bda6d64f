/** Six digits and their keyed hash. The hash binds a code to what it is for, so that elsewhere the right digits are wrong ones. Pure. */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { randomBelow, Secret, type Bytes, type Random } from '@nokkel/base'

export type CodePurpose = 'recover' | 'two-factor' | 'number-change' | 'number-add' | 'number-test'

export const codeRules = { lifetimeMs: 600_000, tries: 3, resendAfterMs: 30_000, perHour: 5, perDay: 20 } as const

/** From the server's own secret, which is not in the database. */
export function verificationKey(serverSecret: Secret): Secret {
  return new Secret(new Uint8Array(hkdfSync('sha256', serverSecret.reveal(), '', 'nk/1/verification', 32)))
}

export function newCode(random: Random): string {
  return String(randomBelow(random, 1_000_000)).padStart(6, '0')
}

export interface CodeBinding {
  readonly codeId: string
  readonly account: string
  /** empty: shown on a trusted device, for whichever device of the account is waiting */
  readonly device: string
  readonly signKey: Uint8Array
  readonly purpose: CodePurpose
}

/** `key` is the server's own and not in the database: a million codes cannot be tried against a stolen table. */
export function codeHash(key: Uint8Array, code: string, binding: CodeBinding): Bytes {
  const { codeId, account, device, signKey, purpose } = binding
  const bound = JSON.stringify([codeId, account, device, Buffer.from(signKey).toString('hex'), purpose, code])
  return new Uint8Array(createHmac('sha256', key).update('nk/1/sms-code\0').update(bound).digest())
}

export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

/** Names a number, a block of numbers or an address in counters without keeping it. */
export function scopeKey(key: Uint8Array, scope: string, value: string): string {
  return createHmac('sha256', key).update(`nk/1/sms-scope\0${scope}\0${value}`).digest('hex').slice(0, 32)
}
