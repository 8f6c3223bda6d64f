/**
 * The decisions around a registration: lay it down (PENDING), activate it, look at all of an account's, freeze, thaw, destroy.
 * PENDING cannot be evaluated and takes the place of nothing; nothing here ever raises the count of a record that exists (A21).
 */
import { equalBytes, NokkelError, type Bytes } from '@nokkel/base'
import { verifySignature } from '@nokkel/crypto/verify'
import type { RecordStanding, StatusRow } from './answers.ts'
import type { RealmAccount, Registration } from './account-state.ts'
import {
  burn,
  findRow,
  findStone,
  limitOf,
  replaceRow,
  spend,
  standingOf,
  stoneStanding,
  unchanged,
  type Decision,
  type Moment,
} from './decision.ts'
import type { Refused } from './decide-attempt.ts'
import { labels } from './labels.ts'
import { escrowLimits } from './policy.ts'
import { activationBody, type Activation } from './requests.ts'
import { decodeStatement, type Statement } from './statement.ts'
import type { TokenClaims } from './token.ts'

const refused: Refused = { kind: 'refused' }
type Standing = { readonly kind: 'stands'; readonly standing: RecordStanding }

export interface NewRow {
  readonly statement: Statement
  readonly encoded: Bytes
  readonly sealed: Bytes
  readonly tagHash: Bytes
}

/** Throws `rate-limited` (too many in a day), `conflict` (older ones of this slot must go first) and `quota-exceeded` (too many slots). */
export function decideRegister(account: RealmAccount, moment: Moment, row: NewRow): Decision<Refused | Standing> {
  const { statement } = row
  const same = findRow(account, statement.registration)
  if (same !== undefined) {
    // a repeated request finds what it laid down, however far that has come since; its count stays
    if (!equalBytes(same.statement, row.encoded) || !equalBytes(same.tagHash, row.tagHash)) return unchanged(account, refused)
    return unchanged(account, { kind: 'stands', standing: standingOf(account, same, moment) })
  }
  if (findStone(account, statement.registration) !== undefined) return unchanged(account, refused)

  const { nowMs, policy, meta } = moment
  const recent = account.created.filter((entry) => entry.slot === statement.slot)
  const oldest = recent[recent.length - policy.registrations] ?? account.created[account.created.length - escrowLimits.registrationsPerDay]
  if (oldest !== undefined)
    throw new NokkelError('rate-limited', {
      retryAfterSeconds: Math.max(1, Math.ceil((oldest.atMs + policy.registrationsWindowMs - nowMs) / 1_000)),
    })
  const inSlot = account.registrations.filter((each) => each.slot === statement.slot)
  if (inSlot.filter((each) => each.active).length >= escrowLimits.activePerSlot) throw new NokkelError('conflict', { what: 'escrow-slot' })
  const slots = new Set(account.registrations.map((each) => each.slot)).add(statement.slot)
  if (slots.size > escrowLimits.slots) throw new NokkelError('quota-exceeded', { what: 'escrow-slots' })

  const abandoned = inSlot.filter((each) => !each.active)
  const cleared = abandoned.length === 0 ? account : burn(account, abandoned, 'expired', nowMs)
  const laid: Registration = {
    id: statement.registration,
    slot: statement.slot,
    active: false,
    frozen: false,
    bornEpoch: meta.epoch,
    statement: row.encoded,
    sealed: row.sealed,
    tagHash: row.tagHash,
    left: limitOf(statement),
    nextTryAtMs: 0,
    burnAtMs: null,
    createdAtMs: nowMs,
    triedAtMs: null,
  }
  const next: RealmAccount = {
    ...cleared,
    registrations: [...cleared.registrations, laid],
    created: [...cleared.created, { slot: laid.slot, atMs: nowMs }],
  }
  const burned = abandoned.map(({ id, slot }) => ({ id, slot, reason: 'expired' as const }))
  return { account: next, advance: burned.length > 0, burned, result: { kind: 'stands', standing: standingOf(next, laid, moment) } }
}

/** Signed by the registration's own recovery secret: only the client that chose the code can bring it into force. */
export function decideActivate(
  account: RealmAccount,
  moment: Moment,
  activation: Activation,
  signature: Bytes,
): Decision<Refused | Standing> {
  const row = findRow(account, activation.registration)
  const stone = findStone(account, activation.registration)
  const signKey = row === undefined ? stone?.signKey : decodeStatement(row.statement).signKey
  if (signKey === undefined || !verifySignature(signKey, labels.activation, activationBody(activation), signature))
    return unchanged(account, refused)
  if (row === undefined) return unchanged(account, stone === undefined ? refused : { kind: 'stands', standing: stoneStanding(stone) })
  const standing = standingOf(account, row, moment)
  if (standing.state !== 'pending') return unchanged(account, { kind: 'stands', standing })
  const active = { ...row, active: true }
  const next = replaceRow(account, active)
  return { account: next, advance: false, burned: [], result: { kind: 'stands', standing: standingOf(next, active, moment) } }
}

export function listRecords(account: RealmAccount, moment: Moment): readonly StatusRow[] {
  const rows = account.registrations.map((row) => ({
    registration: row.id,
    slot: row.slot,
    ...standingOf(account, row, moment),
    triedAgoMs: row.triedAtMs === null ? null : Math.max(0, moment.nowMs - row.triedAtMs),
  }))
  const stones = account.tombstones.map((stone) => ({
    registration: stone.id,
    slot: stone.slot,
    ...stoneStanding(stone),
    triedAgoMs: null,
  }))
  return [...rows, ...stones]
}

export type ManageAct = 'destroy' | 'freeze' | 'thaw'

/** One token, one act; the same request again finds the act done. */
export function decideManage(
  account: RealmAccount,
  moment: Moment,
  act: ManageAct,
  claims: TokenClaims,
  requestHash: Bytes,
): Decision<Refused | Standing> {
  const row = findRow(account, claims.registration)
  if (row === undefined) {
    const stone = findStone(account, claims.registration)
    // a trusted device may know that there is none: it must be able to see that an old one is really gone
    return unchanged(account, {
      kind: 'stands',
      standing: stone === undefined ? { state: 'burned', reason: 'none', left: 0, waitMs: 0 } : stoneStanding(stone),
    })
  }
  const before = account.spent.find((token) => equalBytes(token.nonce, claims.nonce))
  if (before !== undefined) {
    if (!equalBytes(before.requestHash, requestHash)) return unchanged(account, refused)
    return unchanged(account, { kind: 'stands', standing: standingOf(account, row, moment) })
  }
  if (account.spent.length >= escrowLimits.spentTokens)
    throw new NokkelError('rate-limited', { retryAfterSeconds: Math.ceil(moment.policy.tokenLifeMs / 1_000) })
  const paid = spend(account, {
    nonce: claims.nonce,
    registration: row.id,
    requestHash,
    expiresMs: claims.expiresMs,
    answer: null,
    failed: false,
  })
  if (act === 'destroy') {
    const gone = burn(paid, [row], 'member', moment.nowMs)
    const standing: RecordStanding = { state: 'burned', reason: 'member', left: 0, waitMs: 0 }
    return {
      account: gone,
      advance: true,
      burned: [{ id: row.id, slot: row.slot, reason: 'member' }],
      result: { kind: 'stands', standing },
    }
  }
  const changed = { ...row, frozen: act === 'freeze' }
  const next = replaceRow(paid, changed)
  // a backup from before must not undo a freeze
  return { account: next, advance: act === 'freeze', burned: [], result: { kind: 'stands', standing: standingOf(next, changed, moment) } }
}
