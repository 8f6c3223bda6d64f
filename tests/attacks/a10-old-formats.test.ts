/**
 * A10: an old or weaker format is brought back, and with it its weaknesses. Defence: there is one suite; nothing older is in the code,
 * and an object that names another suite or version is refused by the server and by every device.
 * Fails when: a decoder takes another suite; the circle's floor may be lower than the present suite; a weak primitive is in the sources.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeCbor, encodeCbor, newId, systemRandom, type Bytes, type CborValue, type ItemId } from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import {
  Circle,
  decodeRecord,
  decodeShare,
  decodeWrap,
  encodeSigned,
  labels,
  makeBatch,
  recordHash,
  sealRecord,
  type DeviceKeys,
} from '@nokkel/protocol'
import { currentSuite, decodeSigned, encodePushFrame, limits } from '@nokkel/protocol/wire'
import { World, codeOf, note, type TestDevice } from './world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

describe('A10: in the sources', () => {
  const weak: readonly (readonly [name: string, pattern: RegExp])[] = [
    ['AES in CBC, CTR or ECB', /aes[-_]?(128|192|256)?[-_]?(cbc|ctr|ecb|cfb|ofb)/i],
    ['RSA', /\bRSA|['"`]rsa|RSASSA|RSAES|publicEncrypt|privateDecrypt/],
    ['PBKDF2, scrypt, bcrypt', /pbkdf2|\bb?s?crypt(sync)?\b/i],
    ['MD5, SHA-1 outside verification codes', /\bmd5\b|\bsha-?1\b/i],
    ['DES, RC4, Blowfish', /\b(3?des|rc4|arcfour|blowfish)\b(?=['"`(-])/i],
    ['ciphers without authentication', /createCipher\b|createDecipher\b/],
    ['elliptic curves that are not ours', /secp256k1|\bP-(256|384|521)\b|prime256v1/],
    ['random numbers that can be guessed', /Math\.random/],
  ]
  /** each with its reason: verification codes are what the other side says they are (RFC 6238); parsers must name what they read */
  const exceptions: readonly (readonly [file: RegExp, name: string])[] = [
    [/packages\/keychain\/src\/totp\.ts$/, 'MD5, SHA-1 outside verification codes'],
    [/packages\/transfer\/src\/totp\.ts$/, 'MD5, SHA-1 outside verification codes'],
    [/packages\/transfer\/src\/formats\/bitwarden-passkey\.ts$/, 'elliptic curves that are not ours'],
    // what every site takes of a passkey is ES256 (WebAuthn §5.8.5): theirs to choose, and nothing of the keychain hangs on it
    [/packages\/passkeys\/src\//, 'elliptic curves that are not ours'],
    // the handshake of a WebSocket, which is not for secrecy (RFC 6455 §1.3)
    [/apps\/server\/src\/live\//, 'MD5, SHA-1 outside verification codes'],
  ]

  const sources = ['packages', 'apps/cli', 'apps/server'].flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, withFileTypes: true })
      .filter(
        (each) =>
          each.isFile() && /\.(ts|tsx|js|mjs)$/.test(each.name) && !/\.test\.|\/test\/|\/testing/.test(`${each.parentPath}/${each.name}`),
      )
      .filter((each) => !each.parentPath.includes('node_modules'))
      .map((each) => `${each.parentPath}/${each.name}`),
  )

  it.each(weak)('no %s', (name, pattern) => {
    expect(sources.length).toBeGreaterThan(100)
    const found = sources.flatMap((file) => {
      if (exceptions.some(([where, what]) => what === name && where.test(file))) return []
      const lines = readFileSync(file, 'utf8').split('\n')
      return lines.flatMap((line, i) => (pattern.test(line) ? [`${file.slice(root.length)}:${i + 1}: ${line.trim()}`] : []))
    })
    expect(found).toEqual([])
  })

  it('and the patterns find what they look for', () => {
    const samples = ['aes-256-cbc', "'rsa-oaep'", 'pbkdf2Sync', 'sha1', "'des-ede3'", 'createCipher(', 'secp256k1', 'Math.random()']
    expect(samples.map((sample, i) => weak[i]?.[1].test(sample))).toEqual(samples.map(() => true))
  })
})

describe('A10: on the wire', () => {
  let world: World
  let anna: TestDevice
  let berit: TestDevice
  let keys: DeviceKeys
  beforeAll(async () => {
    world = await World.start()
    anna = await world.founder('Anna', 'anna@example.org')
    await anna.client.addItem(note('a'))
    berit = await world.joined('Berit', anna)
    keys = await anna.keys()
  })
  afterAll(() => world.end())

  /** `encoded` with the element at `at` replaced. */
  const withElement = (encoded: Bytes, at: number, value: CborValue): Bytes =>
    encodeCbor((decodeCbor(encoded, limits.recordBytes) as readonly CborValue[]).map((element, i) => (i === at ? value : element)))
  /** The same inside a signed object, signed again by its rightful owner. */
  const resigned = (encoded: Bytes, label: string, at: number, value: CborValue): Bytes => {
    const body = withElement(decodeSigned(encoded, limits.recordBytes, 'x').body, at, value)
    return encodeSigned({ body, signer: keys.id, signature: sign(keys.sign, label, body) })
  }
  const others = [0, 1, 3, 255]

  it('a record, a share and a wrap of another suite or version', async () => {
    const { look, share, wrap, record } = await stored()
    expect(look.circle?.suiteFloor).toBe(currentSuite)
    for (const other of others) {
      expect(await codeOf(() => decodeRecord(withElement(record, 2, other)))).toBe('update-needed')
      expect(await codeOf(() => decodeShare(resigned(share, labels.accountKeyShare, 2, other)))).toBe('update-needed')
      expect(await codeOf(() => decodeWrap(withElement(wrap, 2, other)))).toBe('update-needed')
    }
    for (const version of [0, 2]) {
      expect(await codeOf(() => decodeRecord(withElement(record, 0, version)))).toBe('update-needed')
      expect(await codeOf(() => decodeWrap(withElement(wrap, 0, version)))).toBe('update-needed')
    }
  })

  it('a circle whose floor is lower, from the start or later on', async () => {
    const { look } = await stored()
    const [genesis, second] = look.circleEntries as readonly [Bytes, Bytes]
    expect(await codeOf(() => Circle.replay([genesis]))).toBe('accepted')
    for (const floor of [0, 1])
      expect(await codeOf(() => Circle.replay([resigned(genesis, labels.circleEntry, 7, floor)]))).toBe('circle-invalid')
    for (const floor of [0, 1])
      expect(await codeOf(() => Circle.replay([genesis, resigned(second, labels.circleEntry, 7, floor)]))).toBe('circle-invalid')
    for (const floor of [3, 255])
      expect(await codeOf(() => Circle.replay([genesis, resigned(second, labels.circleEntry, 7, floor)]))).toBe('update-needed')
  })

  it('a member’s own device pushes a record of another suite: the server refuses, and a device that is shown it sets it aside', async () => {
    const look = await anna.look()
    const { circle, log, vault, account, identity } = look.requireTrusted()
    const key = look.recordKey(vault, 1)
    if (key === undefined) throw new Error('no key')
    const item = newId<ItemId>(systemRandom)
    const sealed = sealRecord(systemRandom, key, { account, vault, item, epoch: 1 }, new Uint8Array(10))
    const old = withElement(sealed.encoded, 2, 1)
    const root = look.root.rootWith([[item, recordHash(old)]])
    const batch = makeBatch(circle, identity.keys, vault, log, [{ item, recordHash: recordHash(old), kind: 'put' }], root, Date.now())
    const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
    const push = anna.connect().push(session, vault, [encodePushFrame({ batch: batch.encoded, records: [old] })])
    expect(await codeOf(() => push)).toBe('update-needed')
    await berit.client.sync()
    berit.proxy.editLog((frame) => ({
      ...frame,
      headSeq: frame.headSeq + 1,
      batches: [...frame.batches, batch.encoded],
      records: [...frame.records, old],
    }))
    await berit.client.sync()
    expect((await berit.client.status()).quarantined).toBe(1)
    expect(await berit.titles()).toEqual(['a'])
  })

  async function stored() {
    const look = await anna.look()
    const { identity, vault } = look.requireTrusted()
    const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
    const api = anna.connect(world.server.url)
    const { shares, wraps } = await api.circleKeys(session)
    const [record] = await api.records(session, vault, [...look.index.keys()])
    return { look, share: shares[0] as Bytes, wrap: wraps[0] as Bytes, record: record as Bytes }
  }
})
