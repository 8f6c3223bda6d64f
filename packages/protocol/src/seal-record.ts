/**
 * Sealing and opening of records (SPEC REC-2 … REC-4): a fresh key for every revision, derived from the vault's record key, a random
 * salt and the record's whole context; padded to Padmé lengths, never compressed (attack A36).
 */
import { NokkelError, type Bytes, type ItemId, type Random, type Secret } from '@nokkel/base'
import { deriveBoundKey, openOnce, sealOnce } from '@nokkel/crypto'
import { limits } from './wire/limits.ts'
import { encodeRecord, recordAad, recordHash, revisionBytes, saltBytes, type RecordEnvelope, type RecordPlace } from './wire/record.ts'

const leastPadded = 256

/** Padmé (PURBs, 2019, §4): at most 12 % more, and only O(log log n) bits of the length leak. At least 256. */
export function paddedLength(length: number): number {
  if (length <= leastPadded) return leastPadded
  const exponent = 31 - Math.clz32(length)
  const significant = 32 - Math.clz32(exponent)
  const mask = (1 << (exponent - significant)) - 1
  return (length + mask) & ~mask
}

/** ISO/IEC 7816-4: 0x80, then zeros. */
export function pad(plaintext: Uint8Array): Bytes {
  const out = new Uint8Array(paddedLength(plaintext.length + 1))
  out.set(plaintext)
  out[plaintext.length] = 0x80
  return out
}

/** Throws `open-failed` for anything that `pad` does not make. */
export function unpad(padded: Uint8Array): Bytes {
  let end = padded.length - 1
  while (end >= 0 && padded[end] === 0) end--
  if (end < 0 || padded[end] !== 0x80 || padded.length !== paddedLength(end + 1)) throw new NokkelError('open-failed')
  return padded.slice(0, end) as Bytes
}

export interface SealedRecord {
  readonly encoded: Bytes
  readonly hash: Bytes
}

/** `recordKey` is `recordKeyOf` of the vault key of `place.epoch`. Throws `too-large` above 200,000 bytes. */
export function sealRecord(random: Random, recordKey: Secret, place: Omit<RecordPlace, 'rev'>, plaintext: Uint8Array): SealedRecord {
  if (plaintext.length > limits.recordPlaintextBytes) throw new NokkelError('too-large', { limitBytes: limits.recordPlaintextBytes })
  const rev = random.bytes(revisionBytes)
  const salt = random.bytes(saltBytes)
  const aad = recordAad({ ...place, rev })
  const ciphertext = sealOnce(deriveBoundKey(recordKey, salt, aad), aad, pad(plaintext))
  const encoded = encodeRecord({ vault: place.vault, item: place.item, rev, epoch: place.epoch, salt, ciphertext })
  return { encoded, hash: recordHash(encoded) }
}

/**
 * Opens `envelope` as the record of `expected.item` in `expected.vault`: the place comes from what the reader expects, never from
 * the envelope. Throws `open-failed`, one answer for every cause.
 */
export function openRecord(
  recordKey: Secret,
  expected: { readonly account: RecordPlace['account']; readonly vault: RecordPlace['vault']; readonly item: ItemId },
  envelope: RecordEnvelope,
): Bytes {
  const aad = recordAad({ ...expected, rev: envelope.rev, epoch: envelope.epoch })
  return unpad(openOnce(deriveBoundKey(recordKey, envelope.salt, aad), aad, envelope.ciphertext))
}
