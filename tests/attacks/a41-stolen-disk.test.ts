/**
 * A41: somebody has the device's folder and tries passcodes without the device, or plants a wrapped key that opens under many of them.
 * Defence: weak passcodes are refused, each try costs Argon2id at the constant parameters, and the wrap commits to one passcode.
 * Fails when: the commitment is not compared; parameters below the floor are used; short passcodes are taken.
 */
import { createCipheriv } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeCbor, encodeCbor, Secret, systemRandom, utf8, type Bytes, type CborValue } from '@nokkel/base'
import { openClient } from '@nokkel/client'
import { deriveBytes, openRandom, passcodeKdf, stretchPasscode } from '@nokkel/crypto'
import { passcodeWeakness } from '@nokkel/keychain'
import type { MemoryDisk } from '@nokkel/store'
import { World, codeOf, passcode, type TestDevice } from './world.ts'

const label = utf8('nk/1/local/pw')
let world: World
let anna: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())

const unlockWith = (disk: MemoryDisk, typed: string): Promise<string> =>
  codeOf(async () => openClient(await disk.open(), anna.platform()).unlock(typed))

it('A41: all ten thousand PINs, and the passcodes that everybody tries first, are refused', async () => {
  for (let pin = 0; pin < 10_000; pin++) expect(passcodeWeakness(String(pin).padStart(4, '0'))).not.toBeNull()
  const obvious = [
    '',
    '1',
    '12345',
    '123456',
    '654321',
    '000000',
    '999999',
    '012345',
    '123123',
    '121212',
    'aaaaaa',
    'abcdef',
    'qwerty',
    'passord',
    'Passord1',
    '１２３４５６',
  ]
  for (const weak of obvious) {
    const fresh = await world.device('fresh')
    const details = {
      server: fresh.proxy.url,
      email: 'new@example.org',
      password: 'riktig hest batteri stift',
      passcode: weak,
      deviceName: 'x',
    }
    expect({ weak, code: await codeOf(async () => (await fresh.open()).createAccount(details)) }).toEqual({ weak, code: 'weak-passcode' })
    // refused before anything was kept or sent
    expect(fresh.disk.generation()).toBe(0)
    expect(fresh.proxy.heard).toEqual([])
    await fresh.stop()
  }
  for (const weak of ['123456', 'passord']) expect(await codeOf(() => anna.client.changePasscode(passcode, weak))).toBe('weak-passcode')
})

it('A41: what a try costs is in the row, is the constant, and cannot be lowered by whoever can write the file', async () => {
  const row = decodeCbor(anna.disk.rows('meta').get('passcode') as Bytes, 1_024) as readonly CborValue[]
  expect(row.slice(0, 4)).toEqual([1, 65_536, 3, 1])
  expect(passcodeKdf).toEqual({ memoryKiB: 65_536, passes: 3, parallelism: 1 })
  const floors: readonly [memoryKiB: number, passes: number, parallelism: number][] = [
    [8, 1, 1],
    [19_455, 2, 1],
    [65_536, 1, 1],
    [65_536, 3, 0],
    [0, 0, 0],
  ]
  for (const cheap of floors) {
    const disk = anna.disk.copy()
    disk.rows('meta').set('passcode', encodeCbor([1, ...cheap, ...row.slice(4)]))
    expect(await unlockWith(disk, passcode)).toBe('store-damaged')
  }
})

it('A41: outside the wrapped key there is nothing in the folder that a passcode could be tested on', () => {
  // the check value is made from the local key, which is random; the attempts are a counter
  expect([...anna.disk.rows('meta').keys()].sort()).toEqual(['key-check', 'passcode'])
  expect(anna.disk.rows('meta').get('key-check')).toHaveLength(16)
})

it('A41: one sealed key that opens under two passcodes can be made, and still only one of them unlocks', async () => {
  const salt = systemRandom.bytes(16)
  const stretched = async (typed: string): Promise<{ wrapKey: Bytes; commitment: Bytes }> => {
    const bytes = (await stretchPasscode(typed, salt, passcodeKdf, 64)).reveal()
    return { wrapKey: bytes.slice(0, 32), commitment: deriveBytes(bytes.subarray(32), 'nk/1/local/com', 32) }
  }
  const [one, two] = ['739 working', '148 another']
  const [first, second] = [await stretched(one as string), await stretched(two as string)]
  const wrapped = sealedUnderBoth(first.wrapKey, second.wrapKey)
  // the attack itself works: AES-GCM does not commit to its key
  const keys = [first, second].map(({ wrapKey }) => openRandom(wrapKey, label, wrapped))
  expect(keys.map((key) => key.length)).toEqual([32, 32])
  expect(keys[0]).not.toEqual(keys[1])
  for (const [chosen, typed, other] of [
    [first, one, two],
    [second, two, one],
  ] as const) {
    const disk = anna.disk.copy()
    disk.rows('meta').set('passcode', encodeCbor([1, 65_536, 3, 1, salt, chosen.commitment, wrapped]))
    expect(await unlockWith(disk, other as string)).toBe('passcode-wrong')
    // the committed one gives its key, which is not the store's
    expect(await unlockWith(disk, typed as string)).toBe('store-damaged')
  }
  expect(new Secret(keys[0] as Bytes).toString()).toBe('[secret]')
})

// ---- AES-GCM from outside (SP 800-38D §6.3, §6.4), to make a message with one tag under two keys ---------------------------------

const reduction = 0xe1n << 120n

function times(x: bigint, y: bigint): bigint {
  let product = 0n
  let shifted = y
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) product ^= shifted
    shifted = shifted & 1n ? (shifted >> 1n) ^ reduction : shifted >> 1n
  }
  return product
}

function inverse(x: bigint): bigint {
  // x^(2^128 - 2)
  let result = 1n << 127n
  let square = x
  for (let i = 1; i < 128; i++) {
    square = times(square, square)
    result = times(result, square)
  }
  return result
}

const toNumber = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex').padEnd(32, '0')}`)
const toBlock = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(32, '0'), 'hex')

function encryptBlock(key: Uint8Array, block: Uint8Array): bigint {
  return toNumber(createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(block))
}

/** nonce || two blocks || tag, valid under both keys for the associated data of the local wrap. */
function sealedUnderBoth(one: Uint8Array, two: Uint8Array): Bytes {
  const nonce = systemRandom.bytes(12)
  const counter = Buffer.concat([nonce, Buffer.from([0, 0, 0, 1])])
  const data = toNumber(label)
  const lengths = (BigInt(label.length * 8) << 64n) | 256n
  const c1 = toNumber(systemRandom.bytes(16))
  const [g, h] = [one, two].map((key) => ({ power: encryptBlock(key, new Uint8Array(16)), mask: encryptBlock(key, counter) })) as [
    { power: bigint; mask: bigint },
    { power: bigint; mask: bigint },
  ]
  /** everything in the tag but the part of the second block: A·H⁴ + C₁·H³ + L·H + mask */
  const rest = ({ power, mask }: { power: bigint; mask: bigint }): bigint => {
    const squared = times(power, power)
    return times(data, times(squared, squared)) ^ times(c1, times(squared, power)) ^ times(lengths, power) ^ mask
  }
  const squares = [g, h].map(({ power }) => times(power, power)) as [bigint, bigint]
  const c2 = times(rest(g) ^ rest(h), inverse(squares[0] ^ squares[1]))
  const tag = rest(g) ^ times(c2, squares[0])
  return new Uint8Array(Buffer.concat([nonce, toBlock(c1), toBlock(c2), toBlock(tag)]))
}
