/**
 * Laying a code down with the realms and opening its way back in the circle (SPEC ESC-6; F3, F6, F7). The order, each step durable before the
 * next: deposits at all realms, activated by the recovery secret; bundle and record at the sign-in server; the entry in the circle; the
 * registration before it destroyed. Left in the middle, the way back that was open stays good, and what was laid down is cleared away by
 * `clearOrphans` or by the realms after a day.
 */
import { encodeCbor, idToBytes, NokkelError, toBase64url, type Bytes } from '@nokkel/base'
import { sealRandom } from '@nokkel/crypto'
import {
  Enrolment,
  listRegistrations,
  manageRegistration,
  needsOuterLayer,
  prepareRegistration,
  publicMember,
  type CodeKind,
  type EnrolmentProgress,
  type RealmEndpoint,
  type RecordSlot,
  type RegistrationId,
  type StatusRow,
} from '@nokkel/escrow'
import { makeRecoveryAdd, makeRecoveryRemove, type PasswordKeys, type RecoveryRecord, type RecoverySlot } from '@nokkel/protocol'
import { appendToCircle, sessionOf } from '@nokkel/sync'
import {
  endpointsOf,
  escrowPorts,
  presentDeployment,
  realmsOfHash,
  tokenSource,
  type EscrowAnswer,
  type EscrowParts,
} from './escrow-realms.ts'
import { readPasswordKeys } from './escrow-rows.ts'
import { putBundle } from './recovery-bundles.ts'

export interface CodePlan {
  /** this device's id for its passcode, the account's id for the security code */
  readonly slot: RecoverySlot
  readonly codeKind: CodeKind
  readonly code: string
  /** what a person is shown where they choose a way back; sealed under the password's key */
  readonly label: string
}

const labelBytes = 256

export function labelAad(account: Parameters<typeof idToBytes>[0], registration: string): Bytes {
  return encodeCbor([1, 'nk/1/esc/label', idToBytes(account), registration])
}

/**
 * The registration's name. Throws `realms-unavailable` (param `faults`), `realms-changed`, `password-needed`, `weak-passcode`, `rate-limited`
 * when the slot was laid down too often in a day, and what the network throws.
 */
export async function enrolCode(parts: EscrowParts, answer: EscrowAnswer, plan: CodePlan): Promise<RegistrationId> {
  const { keychain, api, platform } = parts
  const { account, identity, circle } = keychain.requireTrusted()
  const session = sessionOf(identity)
  const deployment = await presentDeployment(parts, answer)
  const endpoints = endpointsOf(api, deployment.realms)
  const passwordKeys = await readPasswordKeys(keychain)
  const outer = needsOuterLayer(deployment.threshold)
  if (outer && passwordKeys === null) throw new NokkelError('password-needed')
  await clearOrphans(parts, endpoints, plan.slot)
  const present = circle.recoveries.get(plan.slot)
  const prepared = await prepareRegistration(escrowPorts(parts), {
    account,
    slot: plan.slot as string as RecordSlot,
    genesisHash: circle.genesisHash,
    codeKind: plan.codeKind,
    code: plan.code,
    realms: deployment.realms.map(({ id }) => id),
    realmListHash: deployment.hash,
    threshold: deployment.threshold,
    exportKey: outer ? (passwordKeys as PasswordKeys).outer : null,
  })
  const { statement } = prepared
  const enrolment = new Enrolment(escrowPorts(parts), prepared, endpoints, tokenSource(parts), replacedBy(parts, answer, present))
  try {
    const progress = await enrolment.advance()
    if (progress.step !== 'record') throw faultOf(progress)
    const recovery: RecoveryRecord = {
      slot: plan.slot,
      registration: statement.registration,
      ...publicMember(prepared.member),
      escrow: {
        threshold: statement.threshold,
        limit: statement.limit,
        statementHash: prepared.statementHash,
        realmListHash: statement.realmListHash,
      },
    }
    // before the entry: a way back that is open must open something
    await putBundle(keychain, api, platform.random, recovery)
    await api.escrowPut(session, {
      registration: statement.registration,
      slot: plan.slot,
      list: toBase64url(deployment.list),
      outerLock: prepared.outerLock === null ? null : toBase64url(prepared.outerLock),
      label: sealedLabel(parts, passwordKeys, statement.registration, plan.label),
    })
    await appendToCircle(keychain, api, parts.nameOf, (now) => ({
      entry: makeRecoveryAdd(now, keychain.requireTrusted().identity.keys, recovery, keychain.nowMs()),
      shares: [],
      wraps: [],
    }))
    enrolment.recorded()
    // the circle has closed the older one already: what cannot be destroyed now opens nothing, and is cleared away later
    await enrolment.advance()
    return statement.registration
  } finally {
    enrolment.destroy()
  }
}

/** Closes a way back and destroys its registration. False when there was none. */
export async function closeCode(parts: EscrowParts, answer: EscrowAnswer, slot: RecoverySlot): Promise<boolean> {
  const { keychain, api } = parts
  const present = keychain.requireTrusted().circle.recoveries.get(slot)
  if (present?.escrow === undefined || present.escrow === null) return false
  await appendToCircle(keychain, api, parts.nameOf, (circle) =>
    circle.recoveries.get(slot)?.registration === present.registration
      ? { entry: makeRecoveryRemove(circle, keychain.requireTrusted().identity.keys, slot, keychain.nowMs()), shares: [], wraps: [] }
      : null,
  )
  const replaced = replacedBy(parts, answer, present)
  if (replaced !== null) await destroyRegistration(parts, replaced.realms, replaced.registration)
  return true
}

/** What each realm has of the account, as it says; realms that do not answer are left out. */
export async function registrationsAt(parts: EscrowParts, endpoints: readonly RealmEndpoint[]): Promise<readonly (readonly StatusRow[])[]> {
  const answers = await listRegistrations(escrowPorts(parts), endpoints, tokenSource(parts))
  return [...answers.values()].flatMap((asked) => (asked.ok ? [asked.value] : []))
}

/**
 * Registrations of `slot` that the circle does not name: left by an enrolment that ended in the middle. They open nothing, and realms hold only
 * two of a slot.
 */
async function clearOrphans(parts: EscrowParts, endpoints: readonly RealmEndpoint[], slot: RecoverySlot): Promise<void> {
  const named = parts.keychain.requireTrusted().circle.recoveries.get(slot)?.registration
  const orphans = new Set(
    (await registrationsAt(parts, endpoints))
      .flat()
      .filter((row) => (row.slot as string) === slot && row.state !== 'burned' && row.registration !== named)
      .map(({ registration }) => registration),
  )
  for (const registration of orphans) await destroyRegistration(parts, endpoints, registration)
}

export async function destroyRegistration(
  parts: EscrowParts,
  endpoints: readonly RealmEndpoint[],
  registration: RegistrationId,
): Promise<void> {
  await manageRegistration(escrowPorts(parts), endpoints, tokenSource(parts), 'destroy', registration)
}

function replacedBy({ api }: EscrowParts, answer: EscrowAnswer, present: RecoveryRecord | undefined) {
  if (present?.escrow === undefined || present.escrow === null) return null
  const realms = realmsOfHash(answer, present.registration, present.escrow.realmListHash)
  return realms === null ? null : { registration: present.registration as RegistrationId, realms: endpointsOf(api, realms) }
}

function sealedLabel(parts: EscrowParts, keys: PasswordKeys | null, registration: string, label: string): string | null {
  if (keys === null) return null
  const text = new TextEncoder().encode(label).subarray(0, labelBytes)
  // padded, so that its length says nothing of the name
  const padded = new Uint8Array(labelBytes + 1)
  padded[0] = text.length
  padded.set(text, 1)
  const { account } = parts.keychain.requireTrusted()
  return toBase64url(sealRandom(parts.platform.random, keys.label.reveal(), labelAad(account, registration), padded))
}

/** One realm that would not is enough to keep a new registration from coming into force: all must hold it. */
function faultOf({ faults }: EnrolmentProgress): NokkelError {
  const kinds = [...new Set(faults.values())]
  if (kinds.includes('rate-limited') || kinds.includes('full')) return new NokkelError('rate-limited', { retryAfterSeconds: 24 * 3_600 })
  return new NokkelError('realms-unavailable', { reason: kinds.join(', '), realms: faults.size })
}
