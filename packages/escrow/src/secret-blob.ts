/**
 * The recovery secret as the realms hold it. Sealed under what the right code evaluates to, then under the outer key where there is one,
 * then masked with a key that is shared among the realms: fewer than t of them cannot even begin, and none releases its part before
 * the tag. Part i = [share i of the mask, masked blob].
 */
import { CborReader, encodeCbor, equalBytes, idToBytes, NokkelError, Secret, type AccountId, type Bytes, type Random } from '@nokkel/base'
import { deriveBytes } from '@nokkel/crypto'
import { openCommitted, sealCommitted } from './committed-seal.ts'
import { escrowIdToBytes, type RegistrationId } from './realm/ids.ts'
import { currentSuite, formatVersion, labels } from './realm/labels.ts'
import { escrowLimits } from './realm/policy.ts'
import { combineShares, randomScalar, splitScalar } from './shamir.ts'

export interface BlobPlace {
  readonly account: AccountId
  readonly registration: RegistrationId
  readonly genesisHash: Bytes
  readonly threshold: number
  readonly realms: number
  readonly limit: number
}

const shareBytes = 32

function blobAad(label: string, place: BlobPlace): Bytes {
  return encodeCbor([
    formatVersion,
    label,
    currentSuite,
    idToBytes(place.account),
    escrowIdToBytes(place.registration),
    place.genesisHash,
    place.threshold,
    place.realms,
    place.limit,
  ])
}

function masked(bytes: Uint8Array, maskScalar: Uint8Array): Bytes {
  const mask = deriveBytes(maskScalar, labels.mask, bytes.length)
  return mask.map((byte, i) => byte ^ (bytes[i] as number))
}

/** One part a realm, in the order of their places. */
export function splitSecret(random: Random, secret: Secret, inner: Secret, outerKey: Secret | null, place: BlobPlace): Bytes[] {
  const sealed = sealCommitted(null, inner.reveal(), labels.inner, blobAad(labels.inner, place), secret.reveal())
  const blob = outerKey === null ? sealed : sealCommitted(null, outerKey.reveal(), labels.outer, blobAad(labels.outer, place), sealed)
  const maskScalar = randomScalar(random)
  const hidden = masked(blob, maskScalar)
  const parts = splitScalar(random, maskScalar, place.threshold, place.realms).map((share) => encodeCbor([share, hidden]))
  maskScalar.fill(0)
  return parts
}

/** From exactly t parts that matched their hashes. `open-failed` for everything else. */
export function joinSecret(
  parts: readonly { readonly index: number; readonly part: Uint8Array }[],
  inner: Secret,
  outerKey: Secret | null,
  place: BlobPlace,
): Secret {
  const read = parts.map(({ index, part }) => {
    const reader = CborReader.decode(part, escrowLimits.partBytes, 'escrow-part')
    const share = { index, value: reader.bytes(shareBytes), hidden: reader.bytesUpTo(escrowLimits.partBytes) }
    reader.end()
    return share
  })
  const hidden = read[0]?.hidden
  if (hidden === undefined || read.some((each) => !equalBytes(each.hidden, hidden))) throw new NokkelError('open-failed')
  const maskScalar = combineShares(read)
  const blob = masked(hidden, maskScalar)
  maskScalar.fill(0)
  const sealed = outerKey === null ? blob : openCommitted('once', outerKey.reveal(), labels.outer, blobAad(labels.outer, place), blob)
  return new Secret(openCommitted('once', inner.reveal(), labels.inner, blobAad(labels.inner, place), sealed))
}
