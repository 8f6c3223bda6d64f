/**
 * Coming back with a code (A5(b), F2, F3, F7; SPEC ESC-7): the passcode of one of the person's devices, or the security code. What can be
 * tried stands in the circle, which the password vouches for; what is left is asked from the realms before anything is spent.
 */
import { equalBytes, fromBase64url, isNokkelError, NokkelError, type Bytes } from '@nokkel/base'
import { openRandom } from '@nokkel/crypto'
import { attemptRecovery, surveyRecovery, type CodeKind, type RegistrationId, type Survey } from '@nokkel/escrow'
import { Circle, keySlotOf, type DeviceClass, type PasswordKeys, type RecoveryRecord } from '@nokkel/protocol'
import { sessionOf, type Identity } from '@nokkel/sync'
import { labelAad } from './escrow-enrol.ts'
import { askEscrow, endpointsOf, escrowPorts, realmsOfHash, tokenSource, type EscrowAnswer, type EscrowParts } from './escrow-realms.ts'
import { readPasswordKeys } from './escrow-rows.ts'
import { recoverWith } from './recover.ts'

/** A way back that is open, as a person chooses it. */
export interface WayBack {
  readonly kind: 'passcode' | 'security-code' | 'recovery-key'
  /** `id` of the device whose passcode it is; the account's or the key's slot otherwise */
  readonly slot: string
  /** the device's name, if the password could open it */
  readonly name: string
  readonly class: DeviceClass | null
  readonly sinceMs: number
}

export interface WaysBack {
  readonly ways: readonly WayBack[]
  /** what is asked for before a code may be tried was shown */
  readonly passed: boolean
}

/** What the realms say before an attempt (F7). `attemptsLeft` counts full guesses. */
export interface Standing {
  readonly codeKind: CodeKind | null
  readonly attemptsLeft: number
  readonly waitMs: number
}

interface Place {
  readonly identity: Identity
  readonly circle: Circle
  readonly answer: EscrowAnswer
}

/** The circle is the one that was made with the password (SIG-5): a server cannot show another's, nor leave out what a member signed last. */
async function lookAround(parts: EscrowParts): Promise<Place> {
  const { identity } = parts.keychain
  if (identity === null) throw new NokkelError('not-signed-in')
  if (identity.mode === 'trusted') throw new NokkelError('already-trusted')
  if (identity.mode !== 'pending') throw new NokkelError('not-signed-in')
  const [entries, answer] = await Promise.all([parts.api.recoveryCircle(sessionOf(identity)), askEscrow(parts)])
  const circle = Circle.replay(entries)
  if (!equalBytes(circle.genesisHash, identity.genesisHash)) throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
  return { identity, circle, answer }
}

export async function waysBack(parts: EscrowParts): Promise<WaysBack> {
  const { circle, answer } = await lookAround(parts)
  const keys = await readPasswordKeys(parts.keychain)
  const ways = [...circle.recoveries.values()].map((way): WayBack => {
    const device = [...circle.devices.values()].find(({ id }) => (id as string) === way.slot)
    return {
      kind: kindOf(circle, way),
      slot: way.slot,
      name: nameIn(answer, circle, keys, way),
      class: device?.class ?? null,
      sinceMs: device?.addedMs ?? 0,
    }
  })
  return { ways, passed: answer.passed }
}

function kindOf(circle: Circle, { slot }: RecoveryRecord): WayBack['kind'] {
  if (slot === keySlotOf(circle.account)) return 'recovery-key'
  return (slot as string) === (circle.account as string) ? 'security-code' : 'passcode'
}

/** A name that does not open is no reason to keep a person from their way back. */
function nameIn(answer: EscrowAnswer, circle: Circle, keys: PasswordKeys | null, { registration }: RecoveryRecord): string {
  const sealed = answer.records.find((record) => record.registration === registration)?.label ?? null
  if (sealed === null || keys === null) return ''
  try {
    const padded = openRandom(keys.label.reveal(), labelAad(circle.account, registration), fromBase64url(sealed))
    return new TextDecoder().decode(padded.subarray(1, 1 + (padded[0] ?? 0)))
  } catch (error) {
    if (isNokkelError(error)) return ''
    throw error
  }
}

interface Target {
  readonly place: Place
  readonly survey: Survey
  readonly outer: { readonly lock: Bytes; readonly exportKey: PasswordKeys['outer'] } | null
}

/** Throws `recovery-unknown`, `verification-needed`, `password-needed`, `realms-unavailable`, `recovery-burned`, `recovery-locked`. */
async function survey(parts: EscrowParts, slot: string): Promise<Target> {
  const place = await lookAround(parts)
  const { circle, answer } = place
  const way = [...circle.recoveries.values()].find((candidate) => (candidate.slot as string) === slot)
  if (way?.escrow === undefined || way.escrow === null) throw new NokkelError('recovery-unknown')
  const realms = realmsOfHash(answer, way.registration, way.escrow.realmListHash)
  if (realms === null) throw new NokkelError('realms-unavailable', { reason: 'list' })
  const target = {
    account: circle.account,
    registration: way.registration as RegistrationId,
    genesisHash: circle.genesisHash,
    threshold: way.escrow.threshold,
    statementHash: way.escrow.statementHash,
    realms: endpointsOf(parts.api, realms),
  }
  const seen = await surveyRecovery(escrowPorts(parts), target, tokenSource(parts))
  // spent: the realm only waits whether the last guess was the right one after all, and then destroys it
  if (seen.verdict === 'burned' || (seen.verdict === 'wait' && seen.attemptsLeft === 0)) throw new NokkelError('recovery-burned')
  if (seen.verdict === 'locked') throw new NokkelError('recovery-locked')
  if (seen.verdict === 'unavailable') throw new NokkelError('realms-unavailable', { reason: faultsOf(seen) })
  return { place, survey: seen, outer: await outerOf(parts, answer, way.registration, seen) }
}

async function outerOf(parts: EscrowParts, answer: EscrowAnswer, registration: string, seen: Survey): Promise<Target['outer']> {
  if (seen.statement?.outerLayer !== true) return null
  const lock = answer.records.find((record) => record.registration === registration)?.outerLock ?? null
  const keys = await readPasswordKeys(parts.keychain)
  if (keys === null || lock === null) throw new NokkelError('password-needed')
  return { lock: fromBase64url(lock), exportKey: keys.outer }
}

const faultsOf = ({ views }: Survey): string => [...new Set(views.flatMap(({ fault }) => (fault === null ? [] : [fault])))].join(', ')

/** Costs no guess. */
export async function recoveryStanding(parts: EscrowParts, slot: string): Promise<Standing> {
  const { survey: seen } = await survey(parts, slot)
  return { codeKind: seen.statement?.codeKind ?? null, attemptsLeft: seen.attemptsLeft, waitMs: seen.waitMs }
}

/**
 * One guess. Right, this device is trusted afterwards; the way back is closed by that and has to be laid down anew. Throws
 * `recovery-code-wrong` (params `attemptsLeft`, `retryAfterSeconds`), `recovery-wait`, and `weak-security-code` or `weak-passcode` for what cannot be
 * such a code and so costs no guess.
 */
export async function recoverByCode(parts: EscrowParts, slot: string, code: string): Promise<{ readonly codeKind: CodeKind }> {
  const { survey: seen, outer } = await survey(parts, slot)
  const { statement, attemptsLeft, waitMs } = seen
  if (seen.verdict === 'wait' || statement === null)
    throw new NokkelError('recovery-wait', { retryAfterSeconds: Math.ceil(waitMs / 1_000), attemptsLeft })
  const outcome = await attemptRecovery(escrowPorts(parts), seen, code, outer).catch((error: unknown) => {
    // what cannot be a code of this kind costs no guess
    if (isNokkelError(error, 'weak-passcode') && statement.codeKind !== 'passcode')
      throw new NokkelError('weak-security-code', error.params)
    throw error
  })
  if (outcome.kind === 'wrong-code')
    // nothing left, and no realm that was silent and might say otherwise
    throw outcome.attemptsLeft === 0 && outcome.faults.size === 0
      ? new NokkelError('recovery-burned')
      : new NokkelError('recovery-code-wrong', {
          attemptsLeft: outcome.attemptsLeft,
          ...(outcome.waitMs > 0 && { retryAfterSeconds: Math.ceil(outcome.waitMs / 1_000) }),
        })
  if (outcome.kind === 'unavailable')
    throw new NokkelError('realms-unavailable', { reason: [...new Set(outcome.faults.values())].join(', '), codeRight: outcome.codeRight })
  const { keychain, api, platform } = parts
  await recoverWith(keychain, api, platform.random, outcome.member)
  await outcome.settled
  return { codeKind: statement.codeKind }
}
