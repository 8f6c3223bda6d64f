/** Names of escrow: 16 random bytes each, in memory 32 hexadecimal digits like all ids (`@nokkel/base` ids.ts). */
import { fromHex, toHex, type Brand, type Bytes, type CborReader, type Random } from '@nokkel/base'

export type RealmId = Brand<string, 'RealmId'>
/** One registration of one code: new with every code, never used again. */
export type RegistrationId = Brand<string, 'RegistrationId'>
/** Which code it is: the id of the device whose passcode protects the record (two factors on), or the account's id (off). */
export type RecordSlot = Brand<string, 'RecordSlot'>

type EscrowId = RealmId | RegistrationId | RecordSlot

export const escrowIdBytes = 16

export function newEscrowId<T extends EscrowId>(random: Random): T {
  return toHex(random.bytes(escrowIdBytes)) as T
}

export function escrowIdToBytes(id: EscrowId): Bytes {
  return fromHex(id)
}

export function readEscrowId<T extends EscrowId>(reader: CborReader): T {
  return toHex(reader.bytes(escrowIdBytes)) as T
}
