/**
 * A way back is a virtual member of the circle: a sealing key, to which account keys and the bundle are sealed, and a signing key, which
 * signs the entry that lets a new device in. Both come from one secret: what escrow gives back, or what a recovery key says.
 */
import { equalBytes, type Bytes, type Secret } from '@nokkel/base'
import { deriveSecret, kemKeyFromSeed, signingKeyFromSeed, type KemKey, type SigningKey } from '@nokkel/crypto'

export interface RecoveryMember {
  readonly kem: KemKey
  readonly sign: SigningKey
}

/** As it stands in the circle. */
export interface RecoveryMemberPublic {
  /** X-Wing, 1216 bytes */
  readonly kemKey: Bytes
  /** Ed25519, 32 bytes */
  readonly signKey: Bytes
}

export function memberFromSecret(secret: Secret, label: string): RecoveryMember {
  return { kem: kemKeyFromSeed(deriveSecret(secret, `${label}/kem`)), sign: signingKeyFromSeed(deriveSecret(secret, `${label}/sig`)) }
}

export function publicMember(member: RecoveryMember): RecoveryMemberPublic {
  return { kemKey: member.kem.publicKey, signKey: member.sign.publicKey }
}

/** The dry run: would this bring the person back, as the circle stands? Nothing is sent. */
export function isMember(member: RecoveryMember, expected: RecoveryMemberPublic): boolean {
  return equalBytes(member.kem.publicKey, expected.kemKey) && equalBytes(member.sign.publicKey, expected.signKey)
}

export function destroyMember(member: RecoveryMember): void {
  member.kem.seed.destroy()
  member.sign.seed.destroy()
}
