/**
 * Everything of a registration that can be made before any realm is asked (protocol 4.9): the OPRF key and its shares, what the code gives
 * under that key, the sealed secret and its parts, and the statement. The OPRF key itself is gone when this returns.
 */
import { NokkelError, Secret, type AccountId, type Bytes } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto'
import { answerKeys, destroyAnswerKeys, tagFor } from './answer-keys.ts'
import { stretchOf, type EscrowPorts } from './escrow-ports.ts'
import { evaluateOwn } from './oprf.ts'
import { createOuterKey, evaluationInput, lockOuterKey } from './outer-layer.ts'
import { newEscrowId, type RealmId, type RecordSlot, type RegistrationId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'
import { escrowPolicy } from './realm/policy.ts'
import { publicKeyOf } from './realm/evaluate.ts'
import { decodeStatement, encodeStatement, statementHash, type CodeKind, type Statement } from './realm/statement.ts'
import { memberFromSecret, type RecoveryMember } from './recovery-member.ts'
import { splitSecret } from './secret-blob.ts'
import { canonicalCode, securityCodeWeakness } from './security-code.ts'
import { randomScalar, splitScalar } from './shamir.ts'
import { saltOf } from './stretch.ts'

export interface RegistrationPlan {
  readonly account: AccountId
  /** the device whose passcode this is, or the account's own id for a security code */
  readonly slot: RecordSlot
  readonly genesisHash: Bytes
  readonly codeKind: CodeKind
  readonly code: string
  /** in the order of the realm list */
  readonly realms: readonly RealmId[]
  readonly realmListHash: Bytes
  /** more than half of the realms */
  readonly threshold: number
  /** K_out for a lone realm; null from two realms on (see `needsOuterLayer`) */
  readonly exportKey: Secret | null
}

/** What goes to one realm, and to nobody else. */
export interface RealmDeposit {
  readonly realm: RealmId
  readonly share: Secret
  readonly tagHash: Bytes
  readonly part: Bytes
}

export interface PreparedRegistration {
  readonly statement: Statement
  readonly encoded: Bytes
  /** for the circle */
  readonly statementHash: Bytes
  readonly deposits: readonly RealmDeposit[]
  /** to be kept by the sign-in server; null without outer layer */
  readonly outerLock: Bytes | null
  /** its public keys go into the circle and its bundle is sealed to it; its signing key activates */
  readonly member: RecoveryMember
}

/** A lone realm's operator, or who steals all that it has, would need nothing else to try every short code. */
export function needsOuterLayer(threshold: number): boolean {
  return threshold === 1
}

/**
 * Throws `weak-passcode` with the reason, and `usage` for realms or layers that do not go together. Takes as long as one stretching
 * of the code.
 */
export async function prepareRegistration(ports: EscrowPorts, plan: RegistrationPlan): Promise<PreparedRegistration> {
  const { random } = ports
  const { account, threshold, realms } = plan
  const weakness = securityCodeWeakness(plan.codeKind, plan.code)
  if (weakness !== null) throw new NokkelError('weak-passcode', { reason: weakness })
  if (needsOuterLayer(threshold) !== (plan.exportKey !== null))
    throw new NokkelError('usage', { reason: 'not-together', option: 'outer-layer', other: 'threshold' })

  const registration = newEscrowId<RegistrationId>(random)
  const outerKey = plan.exportKey === null ? null : createOuterKey(random)
  const stretched = await stretchOf(ports)(canonicalCode(plan.codeKind, plan.code), saltOf(account, registration))
  const input = evaluationInput(stretched, outerKey)
  const key = randomScalar(random)
  const output = evaluateOwn(random, key, input)
  const keys = answerKeys(output)
  const secret = new Secret(random.bytes(32))
  const member = memberFromSecret(secret, labels.secret)
  const limit = escrowPolicy.attempts
  const parts = splitSecret(random, secret, keys.inner, outerKey, {
    account,
    registration,
    genesisHash: plan.genesisHash,
    threshold,
    realms: realms.length,
    limit,
  })
  const shares = splitScalar(random, key, threshold, realms.length)
  const deposits = realms.map((realm, i) => ({
    realm,
    share: new Secret(shares[i] as Bytes),
    tagHash: sha256(tagFor(keys, realm, registration)),
    part: parts[i] as Bytes,
  }))
  const statement: Statement = {
    account,
    slot: plan.slot,
    registration,
    genesisHash: plan.genesisHash,
    threshold,
    limit,
    codeKind: plan.codeKind,
    outerLayer: outerKey !== null,
    realmListHash: plan.realmListHash,
    commitment: keys.commitment,
    signKey: member.sign.publicKey,
    realms: deposits.map(({ realm, share, part }) => ({ id: realm, publicKey: publicKeyOf(share.reveal()), partHash: sha256(part) })),
  }
  const encoded = encodeStatement(statement)
  const outerLock =
    outerKey === null || plan.exportKey === null ? null : lockOuterKey(random, plan.exportKey, { account, registration }, outerKey)

  key.fill(0)
  for (const each of [stretched, input, output, secret]) each.destroy()
  outerKey?.destroy()
  destroyAnswerKeys(keys)
  // reads it back with the rules of those who will: a plan that no realm would take fails here
  return { statement: decodeStatement(encoded), encoded, statementHash: statementHash(encoded), deposits, outerLock, member }
}
