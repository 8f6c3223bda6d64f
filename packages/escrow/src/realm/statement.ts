/**
 * What is public of a registration and the same at all of its realms: whose it is, how many realms it takes, their keys, and the
 * commitments against which answers are checked. Its hash belongs in the account's circle, so that no server can put another in
 * its place; a client without the circle demands that a threshold of realms show the same one.
 */
import { CborReader, encodeCbor, idToBytes, NokkelError, readId, type AccountId, type Bytes } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'
import { escrowIdToBytes, readEscrowId, type RealmId, type RecordSlot, type RegistrationId } from './ids.ts'
import { formatVersion, labels } from './labels.ts'
import { escrowLimits, escrowPolicy, realmShare } from './policy.ts'

/** What the person is to be asked for. */
export const codeKinds = ['passcode', 'digits', 'own', 'random'] as const
export type CodeKind = (typeof codeKinds)[number]

export interface StatementRealm {
  readonly id: RealmId
  /** k_i times the generator of ristretto255 */
  readonly publicKey: Bytes
  /** SHA-256 of the part that the realm releases after the tag: a false one is recognised */
  readonly partHash: Bytes
}

export interface Statement {
  readonly account: AccountId
  readonly slot: RecordSlot
  readonly registration: RegistrationId
  readonly genesisHash: Bytes
  readonly threshold: number
  /** full guesses in all */
  readonly limit: number
  readonly codeKind: CodeKind
  /** a second layer under the sign-in's export key, for a lone realm */
  readonly outerLayer: boolean
  readonly realmListHash: Bytes
  /** first 16 bytes derived from the right answer, compared before any tag is sent (A25) */
  readonly commitment: Bytes
  /** Ed25519 key of the recovery secret, which alone can activate */
  readonly signKey: Bytes
  /** share i belongs to the realm at place i - 1 */
  readonly realms: readonly StatementRealm[]
}

export const commitmentBytes = 16
const hashBytes = 32
const keyBytes = 32

export function encodeStatement(statement: Statement): Bytes {
  return encodeCbor([
    formatVersion,
    labels.statement,
    idToBytes(statement.account),
    escrowIdToBytes(statement.slot),
    escrowIdToBytes(statement.registration),
    statement.genesisHash,
    statement.threshold,
    statement.limit,
    codeKinds.indexOf(statement.codeKind),
    statement.outerLayer,
    statement.realmListHash,
    statement.commitment,
    statement.signKey,
    statement.realms.map((realm) => [escrowIdToBytes(realm.id), realm.publicKey, realm.partHash]),
  ])
}

/** Throws `malformed`, also for a threshold that is no majority: two halves of the realms could then tell two stories. */
export function decodeStatement(bytes: Uint8Array): Statement {
  const reader = CborReader.decode(bytes, escrowLimits.statementBytes, 'escrow-statement')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'escrow-statement' })
  reader.literal(labels.statement)
  const statement: Statement = {
    account: readId<AccountId>(reader),
    slot: readEscrowId<RecordSlot>(reader),
    registration: readEscrowId<RegistrationId>(reader),
    genesisHash: reader.bytes(hashBytes),
    threshold: reader.uint(escrowLimits.realms, 1),
    limit: reader.uint(escrowPolicy.attempts, 1),
    codeKind: codeKinds[reader.uint(codeKinds.length - 1)] as CodeKind,
    outerLayer: reader.bool(),
    realmListHash: reader.bytes(hashBytes),
    commitment: reader.bytes(commitmentBytes),
    signKey: reader.bytes(keyBytes),
    realms: reader.list(escrowLimits.realms, (parent) => {
      const inner = parent.tuple()
      const realm = { id: readEscrowId<RealmId>(inner), publicKey: inner.bytes(keyBytes), partHash: inner.bytes(hashBytes) }
      inner.end()
      return realm
    }),
  }
  reader.end()
  const { threshold, realms, limit } = statement
  const distinct = new Set(realms.map((realm) => realm.id)).size === realms.length
  if (!distinct || threshold > realms.length || threshold * 2 <= realms.length || realmShare(limit, threshold, realms.length) < 1)
    reader.fail()
  return statement
}

/** Names the statement in the circle and in answers. */
export function statementHash(encoded: Uint8Array): Bytes {
  return sha256(encoded)
}
