/**
 * The recovery bundle (protocol 4.10): what a way back opens besides itself, sealed to its key and signed by a member, so that a recovered
 * device has the account keys and knows how far circle and logs had come: no server can show it an older state (A16). It is made anew with
 * every rotation and every week, without any code.
 *
 * Signed like every object of the circle: [body, signer, signature]. Who the signer is and whether it was a member at `head` is for the
 * caller, who has the circle; so are the commitments to the account keys.
 */
import {
  CborReader,
  encodeCbor,
  equalBytes,
  idToBytes,
  isNokkelError,
  NokkelError,
  readId,
  Secret,
  utf8,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type Random,
  type VaultId,
} from '@nokkel/base'
import { openFrom, sealTo, sha256, sign, signatureBytes, verifySignature, type SigningKey } from '@nokkel/crypto'
import { currentSuite, formatVersion } from './realm/labels.ts'
import type { RecoveryMember } from './recovery-member.ts'

export const bundleLabel = 'nk/1/bundle'
/** a bundle names at most 64 generations of the account key and 64 vaults */
const mostParts = 64
export const bundleBytes = 32_768
const hashBytes = 32
const keyBytes = 32

export interface BundleHead {
  readonly seq: number
  readonly hash: Bytes
}

export interface BundleHeader {
  readonly account: AccountId
  /** the member that made it and signs it */
  readonly from: DeviceId
  /** which of the account's ways back this is for: `memberName` */
  readonly member: Bytes
  /** the newest account key inside */
  readonly generation: number
  /** of the circle when it was made; the recovered device's circle must go on from here */
  readonly head: BundleHead
}

export interface BundleLog {
  readonly vault: VaultId
  readonly seq: number
  readonly hash: Bytes
  readonly stateRoot: Bytes | null
}

export interface BundleContent {
  readonly accountKeys: readonly { readonly generation: number; readonly secret: Secret }[]
  readonly logs: readonly BundleLog[]
}

/** The name of a way back in bundles: it changes with every registration and every recovery key. */
export function memberName(signKey: Uint8Array): Bytes {
  return sha256(signKey)
}

function headerFields(header: BundleHeader): CborValue[] {
  return [
    formatVersion,
    bundleLabel,
    currentSuite,
    idToBytes(header.account),
    idToBytes(header.from),
    header.member,
    header.generation,
    header.head.seq,
    header.head.hash,
  ]
}

/** `kemKey` is the member's, from the circle; `signKey` is that of `header.from`. Throws `internal` for content without the key of `header.generation`. */
export function sealBundle(random: Random, signKey: SigningKey, kemKey: Uint8Array, header: BundleHeader, content: BundleContent): Bytes {
  if (!content.accountKeys.some(({ generation }) => generation === header.generation)) throw new NokkelError('internal', { what: 'bundle' })
  const plaintext = encodeCbor([
    content.accountKeys.map(({ generation, secret }) => [generation, secret.reveal()]),
    content.logs.map((log) => [idToBytes(log.vault), log.seq, log.hash, log.stateRoot]),
  ])
  const fields = headerFields(header)
  const sealed = sealTo(random, kemKey, utf8(bundleLabel), encodeCbor(fields), plaintext)
  plaintext.fill(0)
  const body = encodeCbor([...fields, sealed])
  return encodeCbor([body, idToBytes(header.from), sign(signKey, bundleLabel, body)])
}

export interface ReadBundle {
  readonly header: BundleHeader
  readonly body: Bytes
  readonly signature: Bytes
  readonly sealed: Bytes
}

/** What stands outside the seal; nothing of it is believed yet. Throws `malformed`, or `update-needed` for a newer format. */
export function readBundle(encoded: Uint8Array): ReadBundle {
  const outer = CborReader.decode(encoded, bundleBytes, 'bundle')
  const body = outer.bytesUpTo(bundleBytes)
  const signer = readId<DeviceId>(outer)
  const signature = outer.bytes(signatureBytes)
  outer.end()
  const reader = CborReader.decode(body, bundleBytes, 'bundle')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'bundle' })
  reader.literal(bundleLabel)
  if (reader.uint() !== currentSuite) throw new NokkelError('update-needed', { what: 'suite' })
  const header = {
    account: readId<AccountId>(reader),
    from: readId<DeviceId>(reader),
    member: reader.bytes(hashBytes),
    generation: reader.uint(0xffff_ffff, 1),
    head: { seq: reader.uint(), hash: reader.bytes(hashBytes) },
  }
  const sealed = reader.bytesUpTo(bundleBytes)
  reader.end()
  if (header.from !== signer) reader.fail()
  return { header, body, signature, sealed }
}

/**
 * `expected` holds the header against what the caller asked for, `signerKey` is the key that the circle has for `header.from` at that head.
 * Throws `signature-invalid`, or `open-failed` for every other reason.
 */
export function openBundle(
  bundle: ReadBundle,
  member: RecoveryMember,
  expected: Pick<BundleHeader, 'account' | 'member'>,
  signerKey: Uint8Array,
): BundleContent {
  const { header, body, signature, sealed } = bundle
  if (!verifySignature(signerKey, bundleLabel, body, signature)) throw new NokkelError('signature-invalid', { what: 'bundle' })
  if (header.account !== expected.account || !equalBytes(header.member, expected.member)) throw new NokkelError('open-failed')
  const plaintext = openFrom(member.kem, utf8(bundleLabel), encodeCbor(headerFields(header)), sealed)
  try {
    const content = readContent(plaintext)
    if (!content.accountKeys.some(({ generation }) => generation === header.generation)) throw new NokkelError('open-failed')
    return content
  } catch (error) {
    throw isNokkelError(error, 'malformed') ? new NokkelError('open-failed') : error
  } finally {
    plaintext.fill(0)
  }
}

function readContent(plaintext: Uint8Array): BundleContent {
  const reader = CborReader.decode(plaintext, bundleBytes, 'bundle')
  const content = {
    accountKeys: reader.list(mostParts, (parent) => {
      const inner = parent.tuple()
      const key = { generation: inner.uint(0xffff_ffff, 1), secret: new Secret(inner.bytes(keyBytes)) }
      inner.end()
      return key
    }),
    logs: reader.list(mostParts, (parent) => {
      const inner = parent.tuple()
      const log = {
        vault: readId<VaultId>(inner),
        seq: inner.uint(),
        hash: inner.bytes(hashBytes),
        stateRoot: inner.nullable((r) => r.bytes(hashBytes)),
      }
      inner.end()
      return log
    }),
  }
  reader.end()
  return content
}
