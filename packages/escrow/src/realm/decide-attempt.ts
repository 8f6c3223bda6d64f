/**
 * The decisions around a guess (F7, attacks A21 … A24): look, take a guess, prove. Pure; they run inside the store's transaction, and
 * the guess that `decideEvaluate` takes is durable before anything is evaluated.
 */
import { equalBytes, type Bytes } from '@nokkel/base'
import type { InfoAnswer, RecordStanding } from './answers.ts'
import type { RealmAccount, Registration } from './account-state.ts'
import {
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
import type { RegistrationId } from './ids.ts'
import { escrowLimits, waitAfter } from './policy.ts'
import { decodeStatement, type Statement } from './statement.ts'
import type { TokenClaims } from './token.ts'

/** No such record, not activated, or a token that was used otherwise: from outside all the same (house rule 11). */
export type Refused = { readonly kind: 'refused' }
const refused: Refused = { kind: 'refused' }
type Stands = { readonly kind: 'stands'; readonly standing: RecordStanding }

/** The row that a guess may concern, or what to say instead. */
function usable(
  account: RealmAccount,
  id: RegistrationId | null,
  moment: Moment,
): { row: Registration; standing: RecordStanding } | Refused | Stands {
  const row = findRow(account, id)
  if (row === undefined) {
    const stone = findStone(account, id)
    return stone === undefined ? refused : { kind: 'stands', standing: stoneStanding(stone) }
  }
  const standing = standingOf(account, row, moment)
  if (standing.state === 'pending') return refused
  return standing.state === 'active' ? { row, standing } : { kind: 'stands', standing }
}

export function decideInfo(
  account: RealmAccount,
  moment: Moment,
  claims: TokenClaims,
): Decision<Refused | { readonly kind: 'info'; readonly info: InfoAnswer }> {
  const found = usable(account, claims.registration, moment)
  if ('row' in found) return unchanged(account, { kind: 'info', info: { ...found.standing, statement: found.row.statement } })
  if (found.kind === 'refused') return unchanged(account, found)
  return unchanged(account, { kind: 'info', info: { ...found.standing, statement: null } })
}

export type EvaluateVerdict =
  | Refused
  | Stands
  /** sent before: the same answer again */
  | { readonly kind: 'answered'; readonly answer: Bytes }
  | {
      readonly kind: 'evaluate'
      readonly row: Registration
      readonly statement: Statement
      readonly left: number
      readonly waitMs: number
      readonly charged: boolean
    }

/**
 * Takes one guess, or finds that this very request has taken one already (A24): the same request, with the same blinded element, is
 * answered as often as it is sent and charged once. One token takes one guess.
 */
export function decideEvaluate(account: RealmAccount, moment: Moment, claims: TokenClaims, requestHash: Bytes): Decision<EvaluateVerdict> {
  const found = usable(account, claims.registration, moment)
  if (!('row' in found)) return unchanged(account, found)
  const { row, standing } = found
  const statement = decodeStatement(row.statement)
  const before = account.spent.find((token) => equalBytes(token.nonce, claims.nonce))
  if (before !== undefined) {
    if (!equalBytes(before.requestHash, requestHash) || before.failed) return unchanged(account, refused)
    if (before.answer !== null) return unchanged(account, { kind: 'answered', answer: before.answer })
    return unchanged(account, { kind: 'evaluate', row, statement, left: row.left, waitMs: standing.waitMs, charged: false })
  }
  if (row.left === 0 || standing.waitMs > 0 || account.spent.length >= escrowLimits.spentTokens)
    return unchanged(account, { kind: 'stands', standing })

  const { nowMs, policy } = moment
  const limit = limitOf(statement)
  const left = row.left - 1
  const waitMs = waitAfter(policy, limit - left, statement.limit, limit)
  const taken: Registration = {
    ...row,
    left,
    triedAtMs: nowMs,
    nextTryAtMs: nowMs + waitMs,
    // the last guess may be the right one: its proof has as long as its token lives
    burnAtMs: left === 0 ? claims.expiresMs : null,
  }
  const spent = spend(replaceRow(account, taken), {
    nonce: claims.nonce,
    registration: row.id,
    requestHash,
    expiresMs: claims.expiresMs,
    answer: null,
    failed: false,
  })
  const next = { ...spent, ledger: [...account.ledger, { atMs: nowMs, nonce: claims.nonce }] }
  return { account: next, advance: true, burned: [], result: { kind: 'evaluate', row: taken, statement, left, waitMs, charged: true } }
}

/** Keeps the answer beside the token that paid for it. */
export function decideRemember(account: RealmAccount, claims: TokenClaims, answer: Bytes): Decision<null> {
  const spent = account.spent.map((token) =>
    equalBytes(token.nonce, claims.nonce) && token.answer === null ? { ...token, answer } : token,
  )
  return { account: { ...account, spent }, advance: false, burned: [], result: null }
}

export type ProveVerdict = Refused | Stands | { readonly kind: 'release'; readonly row: Registration; readonly statement: Statement }

const noRequest = new Uint8Array(32)

/**
 * The right tag shows that the person knew the code: the count is reset and the part may go out. It can be shown to a realm that made
 * no evaluation, since nobody has a tag without t evaluations. A wrong tag ends its token and costs nothing more: the guess behind it
 * was counted when it was evaluated.
 */
export function decideProve(account: RealmAccount, moment: Moment, claims: TokenClaims, tagHash: Bytes): Decision<ProveVerdict> {
  const found = usable(account, claims.registration, moment)
  if (!('row' in found)) return unchanged(account, found)
  const { row } = found
  const before = account.spent.find((token) => equalBytes(token.nonce, claims.nonce))
  if (before !== undefined && (before.failed || before.registration !== row.id)) return unchanged(account, refused)
  if (!equalBytes(tagHash, row.tagHash)) {
    if (before === undefined && account.spent.length >= escrowLimits.spentTokens) return unchanged(account, refused)
    const failed = {
      nonce: claims.nonce,
      registration: row.id,
      requestHash: noRequest,
      expiresMs: claims.expiresMs,
      answer: null,
      failed: true,
    }
    const others = account.spent.filter((token) => token !== before)
    return { account: { ...account, spent: [...others, failed] }, advance: false, burned: [], result: refused }
  }
  const statement = decodeStatement(row.statement)
  const reset = { ...row, left: limitOf(statement), nextTryAtMs: 0, burnAtMs: null, triedAtMs: null }
  // a guess that was right is none: people and probes that recover often do not use up the account's ledger
  const ledger = account.ledger.filter((entry) => !equalBytes(entry.nonce, claims.nonce))
  return {
    account: { ...replaceRow(account, reset), ledger },
    advance: false,
    burned: [],
    result: { kind: 'release', row: reset, statement },
  }
}
