/**
 * Authenticator data (WebAuthn §6.1) and the attestation object "none" around it (§8.7), in the canonical CBOR of CTAP2. Both have one shape
 * here and no more, so their maps stand as bytes; an independent decoder and the standard's own vector hold them in the tests.
 */
import { concatBytes, NokkelError, type Bytes } from '@nokkel/base'

/**
 * Which make of authenticator: ours, the same everywhere, so that sites can write "Nøkkelring" beside a passkey. It identifies nobody, and
 * without an attestation it proves nothing.
 */
export const aaguid: Bytes = new Uint8Array([
  0x4e, 0x6f, 0x6b, 0x6b, 0xb1, 0x83, 0x4d, 0x52, 0x9c, 0x1e, 0x72, 0x69, 0x6e, 0x67, 0x20, 0x26,
]) // prettier-ignore

const flag = { userPresent: 0x01, userVerified: 0x04, backupEligible: 0x08, backedUp: 0x10, attested: 0x40 } as const
/** A counter would differ between devices; 0 says that there is none (§6.1.1). */
const noCounter = new Uint8Array(4)

export interface Attested {
  readonly aaguid: Bytes
  readonly credentialId: Bytes
  /** uncompressed point, 65 bytes */
  readonly publicKey: Bytes
}

/** Somebody was there: nothing is answered without a person's yes. Every passkey is synced, so it is backed up from the first moment. */
export function authenticatorData(rpIdHash: Bytes, verified: boolean, attested?: Attested): Bytes {
  let flags: number = flag.userPresent | flag.backupEligible | flag.backedUp
  if (verified) flags |= flag.userVerified
  if (attested === undefined) return concatBytes(rpIdHash, new Uint8Array([flags]), noCounter)
  const { credentialId } = attested
  const length = new Uint8Array([credentialId.length >> 8, credentialId.length & 0xff])
  const head = concatBytes(rpIdHash, new Uint8Array([flags | flag.attested]), noCounter)
  return concatBytes(head, attested.aaguid, length, credentialId, coseKey(attested.publicKey))
}

/** RFC 9053 §2.1, §7.1.1: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y} */
function coseKey(point: Bytes): Bytes {
  if (point.length !== 65 || point[0] !== 4) throw new NokkelError('internal', { what: 'cose-key' })
  const head = new Uint8Array([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20])
  return concatBytes(head, point.subarray(1, 33), new Uint8Array([0x22, 0x58, 0x20]), point.subarray(33))
}

/** {"fmt": "none", "attStmt": {}, "authData": bytes}, in which the keys already stand in CTAP2's order: shorter first. */
export function attestationObject(authData: Bytes): Bytes {
  const { length } = authData
  if (length < 24 || length > 0xffff) throw new NokkelError('internal', { what: 'attestation' })
  const head = [0xa3, 0x63, 0x66, 0x6d, 0x74, 0x64, 0x6e, 0x6f, 0x6e, 0x65, 0x67, 0x61, 0x74, 0x74, 0x53, 0x74, 0x6d, 0x74, 0xa0]
  const key = [0x68, 0x61, 0x75, 0x74, 0x68, 0x44, 0x61, 0x74, 0x61]
  const size = length < 256 ? [0x58, length] : [0x59, length >> 8, length & 0xff]
  return concatBytes(new Uint8Array([...head, ...key, ...size]), authData)
}
