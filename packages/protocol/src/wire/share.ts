/**
 * Sealed keys on the wire, as the server stores them and everybody can check them (SPEC KEY-7 … KEY-10):
 * - a share carries the account key of one generation to one device, sealed to it and signed by its sender;
 * - a wrap carries a vault key under the account key, or an older vault key under the next one. Symmetric, authenticated by
 *   the key itself and by the commitment in the circle.
 */
import {
  compareBytes,
  encodeCbor,
  CborReader,
  concatBytes,
  idToBytes,
  NokkelError,
  readId,
  type AccountId,
  type Bytes,
  type DeviceId,
  type VaultId,
} from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'
import type { Circle } from './circle.ts'
import { currentSuite, formatVersion, labels } from './labels.ts'
import { limits } from './limits.ts'
import { decodeSigned, isSignedBy, type SignedObject } from './signed.ts'

export interface ShareHeader {
  readonly account: AccountId
  readonly generation: number
  readonly from: DeviceId
  readonly to: DeviceId
}

export interface Share extends ShareHeader {
  readonly sealed: Bytes
}

/** Associated data of the sealed part: everything but itself. */
export function shareAad(header: ShareHeader): Bytes {
  return encodeCbor([
    formatVersion,
    labels.accountKeyShare,
    currentSuite,
    idToBytes(header.account),
    header.generation,
    idToBytes(header.from),
    idToBytes(header.to),
  ])
}

export function encodeShareBody(share: Share): Bytes {
  return encodeCbor([
    formatVersion,
    labels.accountKeyShare,
    currentSuite,
    idToBytes(share.account),
    share.generation,
    idToBytes(share.from),
    idToBytes(share.to),
    share.sealed,
  ])
}

export function decodeShare(encoded: Uint8Array): { readonly share: Share; readonly signed: SignedObject } {
  const signed = decodeSigned(encoded, limits.shareBytes, 'share')
  const reader = CborReader.decode(signed.body, limits.shareBytes, 'share')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'share' })
  reader.literal(labels.accountKeyShare)
  if (reader.uint() !== currentSuite) throw new NokkelError('update-needed', { what: 'suite' })
  const share = {
    account: readId<AccountId>(reader),
    generation: reader.uint(0xffff_ffff, 1),
    from: readId<DeviceId>(reader),
    to: readId<DeviceId>(reader),
    sealed: reader.bytesUpTo(limits.shareBytes),
  }
  reader.end()
  if (share.from !== signed.signer) throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  return { share, signed }
}

/** Throws `share-invalid` unless a member of `circle` signed it for this account. */
export function verifyShare(circle: Circle, encoded: Uint8Array): Share {
  const { share, signed } = decodeShare(encoded)
  const sender = circle.devices.get(share.from)
  if (share.account !== circle.account || sender === undefined || !isSignedBy(signed, labels.accountKeyShare, sender.signKey))
    throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  return share
}

/** One hash for a set of shares, whatever their order; fixed by the circle entry that they belong to. */
export function shareListHash(encodedShares: readonly Uint8Array[]): Bytes {
  const hashes = encodedShares.map((share) => sha256(share)).sort(compareBytes)
  return sha256(concatBytes(...hashes))
}

export interface WrapHeader {
  readonly account: AccountId
  readonly vault: VaultId
  /** epoch of the key inside */
  readonly epoch: number
  readonly kind: 'vault' | 'previous'
  /** account key generation, or the epoch of the key around it */
  readonly under: number
}

export interface Wrap extends WrapHeader {
  readonly sealed: Bytes
}

export function wrapAad(header: WrapHeader): Bytes {
  return encodeCbor([
    formatVersion,
    header.kind === 'vault' ? labels.vaultKeyWrap : labels.previousVaultKeyWrap,
    currentSuite,
    idToBytes(header.account),
    idToBytes(header.vault),
    header.epoch,
    header.under,
  ])
}

export function encodeWrap(wrap: Wrap): Bytes {
  return encodeCbor([
    formatVersion,
    wrap.kind === 'vault' ? labels.vaultKeyWrap : labels.previousVaultKeyWrap,
    currentSuite,
    idToBytes(wrap.account),
    idToBytes(wrap.vault),
    wrap.epoch,
    wrap.under,
    wrap.sealed,
  ])
}

export function decodeWrap(encoded: Uint8Array): Wrap {
  const reader = CborReader.decode(encoded, limits.wrapBytes, 'wrap')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'wrap' })
  const label = reader.text(32)
  if (label !== labels.vaultKeyWrap && label !== labels.previousVaultKeyWrap) reader.fail()
  if (reader.uint() !== currentSuite) throw new NokkelError('update-needed', { what: 'suite' })
  const wrap: Wrap = {
    kind: label === labels.vaultKeyWrap ? 'vault' : 'previous',
    account: readId<AccountId>(reader),
    vault: readId<VaultId>(reader),
    epoch: reader.uint(0xffff_ffff, 1),
    under: reader.uint(0xffff_ffff, 1),
    sealed: reader.bytesUpTo(limits.wrapBytes),
  }
  reader.end()
  return wrap
}
