/** Devices as the vectors name them: seeds and public keys in the open, so that any implementation can make the same objects. */
import { fromHex, newId, parseId, Secret, toHex, type DeviceId, type Random } from '@nokkel/base'
import { createDeviceKeys, deviceKeysFromSeeds, type DeviceKeys } from '@nokkel/protocol'

export interface JsonDevice {
  readonly id: string
  readonly class: 'cli' | 'web' | 'extension'
  readonly signSeed: string
  readonly sealSeed: string
  readonly signKey: string
  readonly sealKey: string
}

export function makeDevice(random: Random, deviceClass: JsonDevice['class'] = 'cli'): DeviceKeys {
  return createDeviceKeys(random, newId<DeviceId>(random), deviceClass)
}

export function toJsonDevice(keys: DeviceKeys): JsonDevice {
  return {
    id: keys.id,
    class: keys.class,
    signSeed: toHex(keys.sign.seed.reveal()),
    sealSeed: toHex(keys.seal.seed.reveal()),
    signKey: toHex(keys.sign.publicKey),
    sealKey: toHex(keys.seal.publicKey),
  }
}

export function fromJsonDevice(device: JsonDevice): DeviceKeys {
  return deviceKeysFromSeeds(
    parseId<DeviceId>(device.id),
    device.class,
    new Secret(fromHex(device.signSeed)),
    new Secret(fromHex(device.sealSeed)),
  )
}
