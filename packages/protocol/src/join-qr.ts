/**
 * What the QR code of an approval says (SPEC JOIN-11): which request, a secret in the place of the six digits, and the name of the keys of the
 * device that shows it. Whoever only saw it, the server included, cannot put another device in its place.
 */
import {
  concatBytes,
  encodeCbor,
  equalBytes,
  fromHex,
  idFromBytes,
  idToBytes,
  NokkelError,
  toHex,
  type Bytes,
  type RequestId,
} from '@nokkel/base'
import { sha256 } from '@nokkel/crypto'
import { deviceRecordToCbor, type DeviceRecord } from './wire/device-record.ts'
import { labels } from './wire/labels.ts'

const prefix = 'NOKKEL1:'
const idBytes = 16
export const joinQrSecretBytes = 32
const pinBytes = 16
/** capitals and digits only, which a QR code packs more tightly */
const shape = new RegExp(`^${prefix}[0-9A-F]{${2 * (idBytes + joinQrSecretBytes + pinBytes)}}$`)

export interface JoinQr {
  readonly request: RequestId
  readonly secret: Bytes
  /** `H(["nk/1/join/qr", device])[0..16]` */
  readonly pin: Bytes
}

function pinOf(device: DeviceRecord): Bytes {
  return sha256(encodeCbor([labels.joinQr, deviceRecordToCbor(device)])).slice(0, pinBytes)
}

export function writeJoinQr(request: RequestId, secret: Uint8Array, device: DeviceRecord): string {
  return `${prefix}${toHex(concatBytes(idToBytes(request), secret, pinOf(device))).toUpperCase()}`
}

/** Throws `qr-invalid`: some other QR code. */
export function readJoinQr(text: string): JoinQr {
  if (!shape.test(text)) throw new NokkelError('qr-invalid')
  const bytes = fromHex(text.slice(prefix.length).toLowerCase())
  return {
    request: idFromBytes<RequestId>(bytes.slice(0, idBytes)),
    secret: bytes.slice(idBytes, idBytes + joinQrSecretBytes),
    pin: bytes.slice(idBytes + joinQrSecretBytes),
  }
}

export function isPinned(qr: JoinQr, device: DeviceRecord): boolean {
  return equalBytes(qr.pin, pinOf(device))
}
