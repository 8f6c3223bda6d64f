/** Builds circles with real keys for tests. Never for products. */
import { newId, type Bytes, type DeviceId, type Random, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { createDeviceKeys, deviceRecordOf, type AccountKey, type DeviceKeys, type VaultKey } from '../keys.ts'
import { makeAdd, makeGenesis, makeLeave, makeReverseSignature, makeRotation } from '../make-entry.ts'
import { Circle } from '../wire/circle.ts'
import { logStart, type LogPosition } from '../wire/batch.ts'

export class CircleBuilder {
  readonly random: Random
  readonly first: DeviceKeys
  readonly vault: VaultId
  readonly entries: Bytes[]
  circle: Circle
  accountKey: AccountKey
  vaultKey: VaultKey
  shares: Bytes[]
  wraps: Bytes[]
  timeMs = 1_760_000_000_000

  constructor(seed = 1) {
    this.random = new SeededRandom(seed)
    this.first = this.newDevice()
    this.vault = newId<VaultId>(this.random)
    const genesis = makeGenesis(this.random, this.first, this.vault, this.timeMs)
    this.entries = [genesis.entry]
    this.circle = Circle.replay(this.entries)
    this.accountKey = genesis.accountKey
    this.vaultKey = genesis.vaultKey
    this.shares = [...genesis.shares]
    this.wraps = [...genesis.wraps]
  }

  newDevice(): DeviceKeys {
    return createDeviceKeys(this.random, newId<DeviceId>(this.random), 'cli')
  }

  append(entry: Bytes): this {
    this.circle = this.circle.extend([entry])
    this.entries.push(entry)
    return this
  }

  add(by: DeviceKeys = this.first, device: DeviceKeys = this.newDevice()): DeviceKeys {
    const transcriptHash = this.random.bytes(32)
    const made = makeAdd(
      this.random,
      this.circle,
      by,
      this.accountKey,
      {
        device: deviceRecordOf(device),
        transcriptHash,
        reverseSignature: makeReverseSignature(this.circle.account, device, transcriptHash),
      },
      this.timeMs,
    )
    this.append(made.entry)
    this.shares.push(made.share)
    return device
  }

  rotate(by: DeviceKeys, remove?: readonly DeviceKeys[], end: LogPosition = logStart(this.circle)): this {
    const made = makeRotation(
      this.random,
      this.circle,
      by,
      [{ key: this.vaultKey, end }],
      this.timeMs,
      remove === undefined ? undefined : { devices: remove.map(({ id }) => id), disposition: 'keep' },
    )
    this.append(made.entry)
    this.accountKey = made.accountKey
    this.vaultKey = made.vaultKeys[0] as VaultKey
    this.shares.push(...made.shares)
    this.wraps.push(...made.wraps)
    return this
  }

  leave(device: DeviceKeys): this {
    return this.append(makeLeave(this.circle, device, this.timeMs))
  }
}
