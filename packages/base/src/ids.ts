/**
 * Identifiers: 16 bytes made by a client, travelling as byte strings and held in memory as 32 lower-case hexadecimal digits
 * (usable as a Map key and on a command line). Brands keep a vault from being passed where an item belongs.
 */
import { fromHex, toHex, type Bytes } from './bytes.ts'
import type { CborReader } from './cbor.ts'
import { NokkelError } from './errors.ts'
import type { Random } from './ports.ts'

declare const brand: unique symbol
export type Brand<T, Name extends string> = T & { readonly [brand]: Name }

export type AccountId = Brand<string, 'AccountId'>
export type DeviceId = Brand<string, 'DeviceId'>
export type VaultId = Brand<string, 'VaultId'>
export type ItemId = Brand<string, 'ItemId'>
export type RequestId = Brand<string, 'RequestId'>
export type AnyId = AccountId | DeviceId | VaultId | ItemId | RequestId

export const idBytes = 16

export function newId<T extends AnyId>(random: Random): T {
  return toHex(random.bytes(idBytes)) as T
}

/** Checks shape only; throws `malformed`. */
export function parseId<T extends AnyId>(text: string): T {
  if (!/^[0-9a-f]{32}$/.test(text)) throw new NokkelError('malformed', { what: 'id' })
  return text as T
}

export function idToBytes(id: AnyId): Bytes {
  return fromHex(id)
}

export function idFromBytes<T extends AnyId>(bytes: Uint8Array): T {
  if (bytes.length !== idBytes) throw new NokkelError('malformed', { what: 'id' })
  return toHex(bytes) as T
}

export function readId<T extends AnyId>(reader: CborReader): T {
  return toHex(reader.bytes(idBytes)) as T
}
