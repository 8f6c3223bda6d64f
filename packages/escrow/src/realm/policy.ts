/**
 * The numbers that make a short code safe: how many guesses, how long between them, how often anew (F7, attacks A21, A26).
 * They are constants of the realm: no client, no server and no support staff can raise them.
 */
const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

export interface EscrowPolicy {
  /** full guesses for one registration, over all of its realms */
  readonly attempts: number
  /** a wait falls due with exactly this failure, so that the next two or one may follow each other */
  readonly waits: readonly { readonly failures: number; readonly waitMs: number }[]
  /** full guesses for an account in a sliding window, over all of its registrations, successful ones not counted */
  readonly ledgerAttempts: number
  readonly ledgerWindowMs: number
  /** new registrations for one slot */
  readonly registrations: number
  readonly registrationsWindowMs: number
  /** a registration that nobody activates is erased */
  readonly pendingMs: number
  /** longest life of a token, and what the clocks of its issuer and the realm may differ by */
  readonly tokenLifeMs: number
  readonly tokenSkewMs: number
}

export const escrowPolicy: EscrowPolicy = {
  attempts: 10,
  waits: [
    { failures: 3, waitMs: minute },
    { failures: 5, waitMs: 10 * minute },
    { failures: 7, waitMs: hour },
    { failures: 8, waitMs: 6 * hour },
    { failures: 9, waitMs: 24 * hour },
  ],
  ledgerAttempts: 20,
  ledgerWindowMs: 30 * day,
  registrations: 3,
  registrationsWindowMs: day,
  pendingMs: day,
  tokenLifeMs: 10 * minute,
  tokenSkewMs: 2 * minute,
}

/** Floors and ceilings of what comes from outside; bytes unless named otherwise. */
export const escrowLimits = {
  realms: 16,
  /** 64 devices and the account's own */
  slots: 65,
  /** the one in use and the one that takes its place */
  activePerSlot: 2,
  /** new registrations of an account in a day, whatever their slots: a bound on size, not on guesses */
  registrationsPerDay: 200,
  tombstones: 64,
  spentTokens: 128,
  statementBytes: 4_096,
  partBytes: 512,
  tokenBytes: 512,
  requestBytes: 8_192,
  answerBytes: 65_536,
  realmListBytes: 8_192,
  accountBytes: 1_048_576,
} as const

/** What one of n realms may allow when t of them make a guess: with `total` at each, 2 of 3 would give half as many again (A26). */
export function realmShare(total: number, threshold: number, realms: number): number {
  return Math.floor((total * threshold) / realms)
}

/**
 * The wait that falls due with a realm's own failure number `failures`. A realm that sees only some of the guesses counts each as
 * limit / realmLimit of them, so that the waits come where they would with one realm.
 */
export function waitAfter(policy: EscrowPolicy, failures: number, limit: number, realmLimit: number): number {
  const before = Math.floor(((failures - 1) * limit) / realmLimit)
  const now = Math.floor((failures * limit) / realmLimit)
  let waitMs = 0
  for (const wait of policy.waits) if (wait.failures > before && wait.failures <= now) waitMs = Math.max(waitMs, wait.waitMs)
  return waitMs
}
