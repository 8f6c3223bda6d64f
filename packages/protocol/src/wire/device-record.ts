/** What the circle knows of a device: identity and public keys. Its name is an item in the keychain, not here (SPEC CIR-17). */
import { idToBytes, readId, type Bytes, type CborReader, type CborValue, type DeviceId } from '@nokkel/base'

export const deviceClasses = ['cli', 'web', 'extension'] as const
export type DeviceClass = (typeof deviceClasses)[number]

export interface DeviceRecord {
  readonly id: DeviceId
  readonly class: DeviceClass
  /** Ed25519, 32 bytes */
  readonly signKey: Bytes
  /** X-Wing, 1216 bytes */
  readonly sealKey: Bytes
}

const sealKeyBytes = 1216

export function deviceRecordToCbor(record: DeviceRecord): CborValue {
  return [idToBytes(record.id), deviceClasses.indexOf(record.class) + 1, record.signKey, record.sealKey]
}

export function readDeviceRecord(parent: CborReader): DeviceRecord {
  const reader = parent.tuple()
  const record = {
    id: readId<DeviceId>(reader),
    class: deviceClasses[reader.uint(deviceClasses.length, 1) - 1] as DeviceClass,
    signKey: reader.bytes(32),
    sealKey: reader.bytes(sealKeyBytes),
  }
  reader.end()
  return record
}
