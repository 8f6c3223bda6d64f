/**
 * What this device keeps about recovery through realms, sealed in `state` (SPEC ESC-3, ESC-6): two keys that the password gave, which
 * passcode is laid down, whose realm lists are believed, and when the realms were last looked at.
 */
import { CborReader, decodeOwnCbor, encodeCbor, Secret, type Bytes, type CborValue } from '@nokkel/base'
import type { PasswordKeys } from '@nokkel/protocol'
import type { LocalKeychain, Staged } from '@nokkel/sync'

const rows = { passwordKeys: 'password-keys', ownPasscode: 'own-passcode', signers: 'realm-signers', care: 'escrow-care' } as const
const keyBytes = 32
const signersMax = 8

export function stagePasswordKeys(staged: Staged, { outer, label }: PasswordKeys): void {
  staged.putState(rows.passwordKeys, encodeCbor([outer.reveal(), label.reveal()]))
}

/** Null on a device whose password was typed before there was such a row. */
export async function readPasswordKeys(keychain: LocalKeychain): Promise<PasswordKeys | null> {
  const reader = await open(keychain, rows.passwordKeys)
  return reader === null ? null : { outer: new Secret(reader.bytes(keyBytes)), label: new Secret(reader.bytes(keyBytes)) }
}

/** With the keychain goes everything that was for it. */
export function forgetEscrow(staged: Staged): void {
  for (const row of Object.values(rows)) staged.putState(row, null)
}

export function forgetOwnPasscode(staged: Staged): void {
  staged.putState(rows.ownPasscode, null)
  staged.putState(rows.care, null)
}

/** The registration that holds this device's passcode, and which passcode that was: a name of it that changes with every change. */
export interface OwnPasscode {
  readonly registration: string
  readonly passcodeName: Bytes
}

export function stageOwnPasscode(staged: Staged, { registration, passcodeName }: OwnPasscode): void {
  staged.putState(rows.ownPasscode, encodeCbor([registration, passcodeName]))
}

export async function readOwnPasscode(keychain: LocalKeychain): Promise<OwnPasscode | null> {
  const reader = await open(keychain, rows.ownPasscode)
  return reader === null ? null : { registration: reader.text(32), passcodeName: reader.bytes(keyBytes) }
}

/** Who may sign realm lists, as this device first met them. */
export interface RealmSigners {
  readonly needed: number
  readonly keys: readonly Bytes[]
}

export function stageRealmSigners(staged: Staged, { needed, keys }: RealmSigners): void {
  staged.putState(rows.signers, encodeCbor([needed, [...keys]]))
}

export async function readRealmSigners(keychain: LocalKeychain): Promise<RealmSigners | null> {
  const reader = await open(keychain, rows.signers)
  return reader === null ? null : { needed: reader.uint(signersMax, 1), keys: reader.list(signersMax, (r) => r.bytes(keyBytes)) }
}

/** What was last tried and seen, so that nothing is tried without end and the same news is told once. */
export interface EscrowCare {
  /** automatic enrolments, newest last: realms take only few of a slot in a day */
  readonly triedMs: readonly number[]
  readonly lookedMs: number
  /** how often somebody has tried each registration, as it was last seen: [registration, guesses left] */
  readonly left: ReadonlyMap<string, number>
}

const triesKept = 8
const registrationsMax = 132

export function stageEscrowCare(staged: Staged, { triedMs, lookedMs, left }: EscrowCare): void {
  const seen = [...left].slice(-registrationsMax).map(([registration, guesses]): CborValue => [registration, guesses])
  staged.putState(rows.care, encodeCbor([triedMs.slice(-triesKept), lookedMs, seen]))
}

export async function readEscrowCare(keychain: LocalKeychain): Promise<EscrowCare> {
  const reader = await open(keychain, rows.care)
  if (reader === null) return { triedMs: [], lookedMs: 0, left: new Map() }
  return {
    triedMs: reader.list(triesKept, (r) => r.uint()),
    lookedMs: reader.uint(),
    left: new Map(
      reader.list(registrationsMax, (parent) => {
        const inner = parent.tuple()
        return [inner.text(32), inner.uint()] as const
      }),
    ),
  }
}

async function open(keychain: LocalKeychain, row: string): Promise<CborReader | null> {
  const bytes = await keychain.store.get('state', row)
  return bytes === undefined ? null : new CborReader(decodeOwnCbor(bytes), row)
}
