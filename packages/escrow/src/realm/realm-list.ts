/**
 * The realms of a deployment. Who can change this list can put own realms in the place of honest ones, so it is signed by several
 * parties, and clients take it only from enough of those that they know. Its hash is in every statement.
 */
import { CborReader, encodeCbor, equalBytes, NokkelError, toHex, type Bytes } from '@nokkel/base'
import { sha256, signatureBytes, signedMessage, verifySignature } from '@nokkel/crypto/verify'
import { escrowIdToBytes, readEscrowId, type RealmId } from './ids.ts'
import { formatVersion, labels } from './labels.ts'
import { escrowLimits } from './policy.ts'
import type { Signer } from './signer.ts'

/** Where a realm keeps the key around its shares; shown to the person who chooses. */
export const keyHolders = ['file', 'host-file', 'tpm', 'kms'] as const
export type KeyHolder = (typeof keyHolders)[number]

export interface RealmListEntry {
  readonly id: RealmId
  readonly url: string
  /** Ed25519 key that signs the realm's answers */
  readonly signKey: Bytes
  readonly keyHolder: KeyHolder
}

const urlLength = 255
const keyBytes = 32
const signers = 8

export function encodeRealmList(realms: readonly RealmListEntry[]): Bytes {
  return encodeCbor([
    formatVersion,
    labels.realmList,
    realms.map((realm) => [escrowIdToBytes(realm.id), realm.url, realm.signKey, keyHolders.indexOf(realm.keyHolder)]),
  ])
}

export function realmListHash(encoded: Uint8Array): Bytes {
  return sha256(encoded)
}

function decodeRealmList(bytes: Uint8Array): readonly RealmListEntry[] {
  const reader = CborReader.decode(bytes, escrowLimits.realmListBytes, 'realm-list')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'realm-list' })
  reader.literal(labels.realmList)
  const realms = reader.list(escrowLimits.realms, (parent) => {
    const inner = parent.tuple()
    const realm = {
      id: readEscrowId<RealmId>(inner),
      url: inner.text(urlLength),
      signKey: inner.bytes(keyBytes),
      keyHolder: keyHolders[inner.uint(keyHolders.length - 1)] as KeyHolder,
    }
    inner.end()
    return realm
  })
  reader.end()
  if (realms.length === 0 || new Set(realms.map((realm) => realm.id)).size !== realms.length) reader.fail()
  return realms
}

export interface RealmListSignature {
  readonly signer: Bytes
  readonly signature: Bytes
}

export async function signRealmList(signer: Signer, encoded: Bytes): Promise<RealmListSignature> {
  return { signer: signer.publicKey, signature: await signer.sign(signedMessage(labels.realmList, encoded)) }
}

/** [list, [[signer, signature] …]]; each signs label || 0x00 || list */
export function encodeSignedRealmList(encoded: Bytes, signatures: readonly RealmListSignature[]): Bytes {
  return encodeCbor([encoded, signatures.map(({ signer, signature }) => [signer, signature])])
}

function readSignedList(bytes: Uint8Array): { readonly encoded: Bytes; readonly signatures: readonly RealmListSignature[] } {
  const reader = CborReader.decode(bytes, escrowLimits.realmListBytes, 'realm-list')
  const encoded = reader.bytesUpTo(escrowLimits.realmListBytes)
  const signatures = reader.list(signers, (parent) => {
    const inner = parent.tuple()
    const signature = { signer: inner.bytes(keyBytes), signature: inner.bytes(signatureBytes) }
    inner.end()
    return signature
  })
  reader.end()
  return { encoded, signatures }
}

/** For who holds the hash against one that a signed entry of the circle names; the signatures are then another's business. */
export function openUnsignedRealmList(bytes: Uint8Array): { readonly realms: readonly RealmListEntry[]; readonly hash: Bytes } {
  const { encoded } = readSignedList(bytes)
  return { realms: decodeRealmList(encoded), hash: realmListHash(encoded) }
}

/** The list if at least `needed` different keys of `trusted` signed it; `signature-invalid` otherwise. */
export function openRealmList(
  bytes: Uint8Array,
  trusted: readonly Uint8Array[],
  needed: number,
): { readonly realms: readonly RealmListEntry[]; readonly hash: Bytes } {
  const { encoded, signatures } = readSignedList(bytes)
  const good = trusted.filter((key) =>
    signatures.some(({ signer, signature }) => equalBytes(signer, key) && verifySignature(key, labels.realmList, encoded, signature)),
  )
  // one key that stands twice among the trusted ones is still one party
  if (needed < 1 || new Set(good.map(toHex)).size < needed) throw new NokkelError('signature-invalid', { what: 'realm-list' })
  return { realms: decodeRealmList(encoded), hash: realmListHash(encoded) }
}
