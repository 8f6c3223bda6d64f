/**
 * The key hierarchy (SPEC KEY-4): device keys -> account key (generation g) -> vault keys (epoch e) -> one key a record revision.
 * Commitments to account and vault keys stand in the circle, so that a key sealed by somebody else is refused on opening (attack A4).
 */
import { equalBytes, NokkelError, Secret, type Bytes, type DeviceId, type Random, type VaultId } from '@nokkel/base'
import {
  createKemKey,
  createSigningKey,
  deriveBytes,
  deriveSecret,
  kemKeyFromSeed,
  signingKeyFromSeed,
  type KemKey,
  type SigningKey,
} from '@nokkel/crypto'
import type { AccountKeyPublic, VaultEpoch } from './wire/circle-entry.ts'
import type { DeviceClass, DeviceRecord } from './wire/device-record.ts'

export interface DeviceKeys {
  readonly id: DeviceId
  readonly class: DeviceClass
  readonly sign: SigningKey
  readonly seal: KemKey
}

export function createDeviceKeys(random: Random, id: DeviceId, deviceClass: DeviceClass): DeviceKeys {
  return { id, class: deviceClass, sign: createSigningKey(random), seal: createKemKey(random) }
}

export function deviceKeysFromSeeds(id: DeviceId, deviceClass: DeviceClass, signSeed: Secret, sealSeed: Secret): DeviceKeys {
  return { id, class: deviceClass, sign: signingKeyFromSeed(signSeed), seal: kemKeyFromSeed(sealSeed) }
}

export function deviceRecordOf(keys: DeviceKeys): DeviceRecord {
  return { id: keys.id, class: keys.class, signKey: keys.sign.publicKey, sealKey: keys.seal.publicKey }
}

/** Secret of one generation of the account key. */
export interface AccountKey {
  readonly generation: number
  readonly secret: Secret
}

export function createAccountKey(random: Random, generation: number): AccountKey {
  return { generation, secret: new Secret(random.bytes(32)) }
}

/** Public side for the circle. The X-Wing key serves vaults that others share with this account. */
export function accountKeyPublic(key: AccountKey): AccountKeyPublic {
  return {
    generation: key.generation,
    kemKey: kemKeyFromSeed(deriveSecret(key.secret, 'nk/1/puk/kem')).publicKey,
    commitment: accountKeyCommitment(key),
  }
}

export function accountKeyCommitment(key: AccountKey): Bytes {
  return deriveBytes(key.secret.reveal(), `nk/1/puk/com/${key.generation}`, 32)
}

/** Wraps vault keys of the account's own vaults. */
export function accountWrapKey(key: AccountKey): Secret {
  return deriveSecret(key.secret, 'nk/1/puk/sym')
}

export interface VaultKey {
  readonly vault: VaultId
  readonly epoch: number
  readonly secret: Secret
}

export function createVaultKey(random: Random, vault: VaultId, epoch: number): VaultKey {
  return { vault, epoch, secret: new Secret(random.bytes(32)) }
}

export function vaultKeyCommitment(key: VaultKey): Bytes {
  return deriveBytes(key.secret.reveal(), `nk/1/vk/com/${key.vault}/${key.epoch}`, 32)
}

export function vaultEpochOf(key: VaultKey): VaultEpoch {
  return { vault: key.vault, epoch: key.epoch, commitment: vaultKeyCommitment(key) }
}

/** Input key of all records of this epoch. Derived once, not per record. */
export function recordKeyOf(key: VaultKey): Secret {
  return deriveSecret(key.secret, 'nk/1/vk/rec')
}

/** Wraps the key of the epoch before. */
export function previousWrapKey(key: VaultKey): Secret {
  return deriveSecret(key.secret, 'nk/1/vk/prev')
}

export function assertCommitment(actual: Bytes, expected: Bytes | undefined): void {
  if (expected === undefined || !equalBytes(actual, expected)) throw new NokkelError('share-invalid', { rule: 'KEY-5' })
}
