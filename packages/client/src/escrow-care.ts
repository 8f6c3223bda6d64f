/**
 * What a trusted device does about recovery by itself (SPEC ESC-6, ESC-8; F2, F7): lays its own passcode down when it is not, or is another
 * by now, and looks at the realms once a day, to say when somebody has tried codes, or a record is gone. Nothing here may hold up
 * synchronising: what fails is tried again later, and shown.
 */
import { equalBytes, fromBase64url, isNokkelError, type Bytes, type DeviceId, type ErrorCode, type Secret } from '@nokkel/base'
import { openUnsignedRealmList, type StatusRow } from '@nokkel/escrow'
import type { RecoveryRecord, RecoverySlot } from '@nokkel/protocol'
import { sessionOf, type Staged } from '@nokkel/sync'
import { destroyRegistration, enrolCode, registrationsAt } from './escrow-enrol.ts'
import { askEscrow, endpointsOf, realmsOfHash, type EscrowAnswer, type EscrowParts } from './escrow-realms.ts'
import { forgetOwnPasscode, readEscrowCare, readOwnPasscode, stageEscrowCare, stageOwnPasscode } from './escrow-rows.ts'
import { closeOtherKind } from './after-two-factor-change.ts'
import { learnTwoFactor, readTwoFactorSetting } from './two-factor.ts'

const lookEveryMs = 24 * 3_600_000
const dayMs = 24 * 3_600_000
/** of the three that realms take in a day, one is left for a change that the person makes */
const triesPerDay = 2
const pauseMs = 600_000

/** Is this device's passcode with the realms? `stale`: an older one is. */
export type PasscodeStanding = 'current' | 'stale' | 'missing'

export async function passcodeStanding(parts: Pick<EscrowParts, 'keychain'>, passcodeName: Bytes | null): Promise<PasscodeStanding> {
  const { keychain } = parts
  const { identity, circle } = keychain
  if (identity === null || circle === null) return 'missing'
  const way = circle.recoveries.get(identity.keys.id as string as RecoverySlot)
  if (way === undefined) return 'missing'
  const own = await readOwnPasscode(keychain)
  const isOurs = own !== null && own.registration === way.registration && passcodeName !== null
  return isOurs && equalBytes(own.passcodeName, passcodeName) ? 'current' : 'stale'
}

export interface Care {
  /** the passcode is laid down, or has no business there: it need not be kept in memory */
  readonly settled: boolean
  /** what kept it from being laid down */
  readonly fault: ErrorCode | null
}

/** `passcode` null: not at hand, since the device was unlocked in another way. Never throws what is ours. */
export async function tendEscrow(parts: EscrowParts, passcode: Secret | null, passcodeName: Bytes | null): Promise<Care> {
  const { keychain, api } = parts
  const nowMs = keychain.nowMs()
  const care = await readEscrowCare(keychain)
  const isDue = passcode !== null && passcodeName !== null && (await passcodeStanding(parts, passcodeName)) !== 'current'
  const isLookDue = nowMs - care.lookedMs >= lookEveryMs || care.lookedMs > nowMs
  if (!isDue && !isLookDue) return { settled: true, fault: null }
  try {
    const { identity } = keychain.requireTrusted()
    const [{ twoFactorStatement }, answer] = await Promise.all([api.verification(sessionOf(identity)), askEscrow(parts)])
    await learnTwoFactor(keychain, twoFactorStatement, parts.nameOf)
    const { circle } = keychain.requireTrusted()
    // which way back is whose is for others to settle (CIR-23)
    const mayChange = circle.reachOf(identity.keys.id) === 'full'
    if (isLookDue) {
      // also for a device that died between the change and what follows from it
      if (mayChange) await closeOtherKind(parts, answer, await readTwoFactorSetting(keychain))
      await look(parts, answer, nowMs)
    }
    if (!isDue) return { settled: true, fault: null }
    if (!mayChange) return { settled: true, fault: 'policy-forbids' }
    if (!(await readTwoFactorSetting(keychain))) return { settled: true, fault: null }
    const tries = care.triedMs.filter((time) => time > nowMs - dayMs && time <= nowMs)
    if (tries.length >= triesPerDay || tries.some((time) => time > nowMs - pauseMs)) return { settled: false, fault: 'rate-limited' }
    if (answer.deployment === null) return { settled: false, fault: 'realms-unavailable' }
    await keychain.update(async (staged) => stageEscrowCare(staged, { ...(await readEscrowCare(keychain)), triedMs: [...tries, nowMs] }))
    await layDownPasscode(parts, answer, passcode, passcodeName)
    return { settled: true, fault: null }
  } catch (error) {
    if (!isNokkelError(error)) throw error
    if (error.code === 'realms-changed') await keychain.update((staged) => staged.notify('realms-changed', {}))
    return { settled: false, fault: error.code }
  }
}

/** Throws as `enrolCode`. */
export async function layDownPasscode(parts: EscrowParts, answer: EscrowAnswer, passcode: Secret, passcodeName: Bytes): Promise<void> {
  const { keychain } = parts
  const { identity } = keychain.requireTrusted()
  const { id } = identity.keys
  const registration = await enrolCode(parts, answer, {
    slot: id as string as RecoverySlot,
    codeKind: 'passcode',
    code: new TextDecoder().decode(passcode.reveal()),
    label: parts.nameOf(id) || identity.deviceName,
  })
  await keychain.update(async (staged) => {
    stageOwnPasscode(staged, { registration, passcodeName })
    stageEscrowCare(staged, { ...(await readEscrowCare(keychain)), triedMs: [] })
  })
}

/** News from the realms, each told once. A registration that realms do not know any more counts as gone. */
async function look(parts: EscrowParts, answer: EscrowAnswer, nowMs: number): Promise<void> {
  const { keychain } = parts
  const { circle, identity } = keychain.requireTrusted()
  const ways = [...circle.recoveries.values()].filter(({ escrow }) => escrow !== null)
  const rowsOf = new Map<string, readonly (readonly StatusRow[])[]>()
  for (const way of ways) {
    const realms = realmsOfHash(answer, way.registration, (way.escrow as NonNullable<RecoveryRecord['escrow']>).realmListHash)
    const list = answer.records.find(({ registration }) => registration === way.registration)?.list
    if (realms === null || list === undefined || rowsOf.has(String(list))) continue
    rowsOf.set(String(list), await registrationsAt(parts, endpointsOf(parts.api, realms)))
  }
  await destroyOfGone(parts, answer)
  await keychain.update(async (staged) => {
    const before = await readEscrowCare(keychain)
    const left = new Map<string, number>()
    for (const way of ways) {
      const list = answer.records.find(({ registration }) => registration === way.registration)?.list
      const rows = (rowsOf.get(String(list)) ?? []).map((known) => known.find(({ registration }) => registration === way.registration))
      if (rows.length > 0) judge(staged, way, rows, before.left, left, identity.keys.id, parts.nameOf)
    }
    stageEscrowCare(staged, { triedMs: before.triedMs, lookedMs: nowMs, left })
  })
}

function judge(
  staged: Staged,
  way: RecoveryRecord,
  rows: readonly (StatusRow | undefined)[],
  before: ReadonlyMap<string, number>,
  left: Map<string, number>,
  self: DeviceId,
  nameOf: EscrowParts['nameOf'],
): void {
  const isOwn = (way.slot as string) === self
  const device = nameOf(way.slot as string as DeviceId)
  const guesses = Math.min(...rows.map((row) => row?.left ?? 0))
  const known = before.get(way.registration)
  left.set(way.registration, guesses)
  const gone = rows.filter((row) => row === undefined || row.state === 'burned').length
  const locked = rows.filter((row) => row?.state === 'locked').length
  const needed = way.escrow?.threshold ?? 1
  if (rows.length - gone < needed) {
    if (known !== 0) staged.notify('recovery-burned', { device, registration: way.registration })
    // the next unlocking by passcode lays it down anew
    if (isOwn) forgetOwnPasscode(staged)
  } else if (rows.length - gone - locked < needed) {
    staged.notify('recovery-locked', { device, registration: way.registration })
    if (isOwn) forgetOwnPasscode(staged)
  } else if (known !== undefined && guesses < known) staged.notify('recovery-attempted', { device, left: guesses })
}

/**
 * What realms hold for devices that are out of the circle, or limited in it: CIR-21 and CIR-23 closed those ways back, and nobody is to try
 * their codes any more. No other slot of a member, who may be in the middle of laying its own down.
 */
export async function destroyOfGone(parts: EscrowParts, answer: EscrowAnswer): Promise<void> {
  const { circle, account } = parts.keychain.requireTrusted()
  const { deployment } = answer
  if (deployment === null) return
  const { realms } = openUnsignedRealmList(fromBase64url(deployment.list))
  const endpoints = endpointsOf(parts.api, realms)
  const mayHave = (device: DeviceId): boolean => circle.reachOf(device) === 'full'
  const gone = new Set(
    (await registrationsAt(parts, endpoints))
      .flat()
      .filter(({ slot, state }) => state !== 'burned' && (slot as string) !== account && !mayHave(slot as string as DeviceId))
      .map(({ registration }) => registration),
  )
  for (const registration of gone) await destroyRegistration(parts, endpoints, registration)
}

/** After a removal; what fails is done by the next daily look. */
export async function destroyOfRemoved(parts: EscrowParts): Promise<void> {
  try {
    await destroyOfGone(parts, await askEscrow(parts))
  } catch (error) {
    if (!isNokkelError(error)) throw error
  }
}
