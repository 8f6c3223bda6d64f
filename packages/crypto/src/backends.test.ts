/**
 * The two backends must be one function: where one accepts what the other refuses, two honest devices that saw the same bytes
 * end up with different circles (attack A39). Published vectors do not reach these edges; the inputs here are made for them.
 */
import { gcm } from '@noble/ciphers/aes.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes, fromHex, toHex, utf8, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { nobleBackend, platformBackend, type CryptoBackend } from './backends.ts'

const backends = [platformBackend, nobleBackend]
const { Point } = ed25519
const { Fn } = Point
const random = new SeededRandom(20_260_101)

/** What a backend made of an input: hexadecimal bytes, a verdict, or that it refused. */
function outcomes(compute: (backend: CryptoBackend) => Bytes | boolean | undefined): string[] {
  return backends.map((backend) => {
    try {
      const value = compute(backend)
      return value instanceof Uint8Array ? toHex(value) : value === undefined ? 'refused' : String(value)
    } catch {
      return 'refused'
    }
  })
}

describe('equal results', () => {
  it('for hashes, MACs and HKDF over lengths around every block border', () => {
    for (let length = 0; length < 300; length += length < 140 ? 1 : 13) {
      const data = random.bytes(length)
      const key = random.bytes((length * 7) % 200)
      for (const [a, b] of [
        outcomes((backend) => backend.sha256(data)),
        outcomes((backend) => backend.sha512(data)),
        outcomes((backend) => backend.hmacSha256(key, data)),
        outcomes((backend) => backend.hmacSha512(key, data)),
        outcomes((backend) => backend.hkdfSha256(key, data, data, 1 + length)),
      ]) {
        expect(a).toBe(b)
        expect(a).not.toBe('refused')
      }
    }
  })

  it('for sealing, and each opens what the other sealed', () => {
    for (let length = 0; length < 200; length += 7) {
      const [key, nonce, aad, plaintext] = [random.bytes(32), random.bytes(12), random.bytes(length % 40), random.bytes(length)]
      const [a, b] = outcomes((backend) => backend.aesGcmSeal(key, nonce, aad, plaintext))
      expect(a).toBe(b)
      const sealed = fromHex(a ?? '')
      expect(outcomes((backend) => backend.aesGcmOpen(key, nonce, aad, sealed))).toEqual([toHex(plaintext), toHex(plaintext)])
      expect(outcomes((backend) => backend.aesGcmOpen(key, nonce, aad, sealed.subarray(1)))).toEqual(['refused', 'refused'])
    }
  })

  it('for many messages at once by the platform: the same bytes, and what does not open is refused alone', async () => {
    const { aesGcmSealMany, aesGcmOpenMany } = nobleBackend
    expect(aesGcmSealMany !== undefined && aesGcmOpenMany !== undefined).toBe(true)
    const key = random.bytes(32)
    const messages = Array.from({ length: 600 }, (_, at) => ({
      nonce: random.bytes(12),
      aad: random.bytes(at % 40),
      plaintext: random.bytes(at % 7 === 0 ? 0 : at),
    }))
    const sealed = (await aesGcmSealMany?.(key, messages)) ?? []
    expect(sealed.map(toHex)).toEqual(
      messages.map(({ nonce, aad, plaintext }) => toHex(platformBackend.aesGcmSeal(key, nonce, aad, plaintext))),
    )
    const damaged = sealed.map((bytes, at) => ({
      nonce: messages[at]?.nonce ?? key,
      aad: messages[at]?.aad ?? key,
      sealed: at % 100 === 99 ? bytes.map((byte, i) => (i === at % bytes.length ? byte ^ 1 : byte)) : bytes,
    }))
    const opened = (await aesGcmOpenMany?.(key, damaged)) ?? []
    expect(opened.map((bytes) => (bytes === undefined ? 'refused' : toHex(bytes)))).toEqual(
      messages.map(({ plaintext }, at) => (at % 100 === 99 ? 'refused' : toHex(plaintext))),
    )
  })

  it('for Ed25519 keys and signatures, which are deterministic', () => {
    for (let i = 0; i < 60; i++) {
      const [seed, message] = [random.bytes(32), random.bytes(i)]
      const [publicKey, same] = outcomes((backend) => backend.ed25519PublicKey(seed))
      expect(publicKey).toBe(same)
      const [signature, sameSignature] = outcomes((backend) => backend.ed25519Sign(seed, message))
      expect(signature).toBe(sameSignature)
      expect(outcomes((backend) => backend.ed25519Verify(fromHex(publicKey ?? ''), message, fromHex(signature ?? '')))).toEqual([
        'true',
        'true',
      ])
    }
  })

  it('for Argon2id at its least and with four lanes', async () => {
    for (const params of [
      { memoryKiB: 8, passes: 1, parallelism: 1 },
      { memoryKiB: 64, passes: 3, parallelism: 4 },
    ]) {
      const [a, b] = await Promise.all(backends.map((backend) => backend.argon2id(utf8('p'), new Uint8Array(16), params, 64)))
      expect(toHex(a ?? new Uint8Array(0))).toBe(toHex(b ?? new Uint8Array(1)))
    }
  })
})

describe('equal refusals', () => {
  const zeros = (length: number): Bytes => new Uint8Array(length)

  it.each([0, 1, 16, 24, 31, 33, 64])('of AES keys with %i bytes', (length) => {
    // sealed under AES-128 or AES-192, where such a key exists
    const sealed = gcm(zeros(length === 16 || length === 24 ? length : 32), zeros(12)).encrypt(utf8('x'))
    expect(outcomes((backend) => backend.aesGcmSeal(zeros(length), zeros(12), zeros(0), utf8('x')))).toEqual(['refused', 'refused'])
    expect(outcomes((backend) => backend.aesGcmOpen(zeros(length), zeros(12), zeros(0), sealed))).toEqual(['refused', 'refused'])
  })

  it.each([0, 1, 7, 8, 11, 13, 16])('of GCM nonces with %i bytes', (length) => {
    expect(outcomes((backend) => backend.aesGcmSeal(zeros(32), zeros(length), zeros(0), utf8('x')))).toEqual(['refused', 'refused'])
    expect(outcomes((backend) => backend.aesGcmOpen(zeros(32), zeros(length), zeros(0), zeros(17)))).toEqual(['refused', 'refused'])
  })

  it('of what is shorter than a tag', () => {
    for (let length = 0; length < 16; length++)
      expect(outcomes((backend) => backend.aesGcmOpen(zeros(32), zeros(12), zeros(0), zeros(length)))).toEqual(['refused', 'refused'])
  })

  it.each([0, 31, 33, 64])('of Ed25519 seeds with %i bytes', (length) => {
    expect(outcomes((backend) => backend.ed25519PublicKey(zeros(length)))).toEqual(['refused', 'refused'])
    expect(outcomes((backend) => backend.ed25519Sign(zeros(length), utf8('x')))).toEqual(['refused', 'refused'])
  })

  it('of HKDF output beyond 255 blocks', () => {
    const [a, b] = outcomes((backend) => backend.hkdfSha256(zeros(32), zeros(32), zeros(0), 255 * 32))
    expect(a).toBe(b)
    expect(outcomes((backend) => backend.hkdfSha256(zeros(32), zeros(32), zeros(0), 255 * 32 + 1))).toEqual(['refused', 'refused'])
  })

  it('and of no HKDF info because it is long', () => {
    for (const length of [1_024, 1_025, 4_096]) {
      const [a, b] = outcomes((backend) => backend.hkdfSha256(zeros(32), zeros(32), zeros(length), 32))
      expect(a).toBe(b)
      expect(a).not.toBe('refused')
    }
  })
})

describe('Ed25519: one verdict at the edges (A39)', () => {
  /** the eight points of small order are the multiples of this one */
  const torsion = Point.fromBytes(fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'))
  const littleEndian = (bytes: Uint8Array): bigint => BigInt(`0x${toHex(bytes.toReversed())}`)
  const challenge = (r: Bytes, publicKey: Bytes, message: Bytes): bigint =>
    Fn.create(littleEndian(platformBackend.sha512(concatBytes(r, publicKey, message))))
  const scalarBytes = (scalar: bigint): Bytes => Fn.toBytes(scalar) as Bytes
  const pointBytes = (point: InstanceType<typeof Point>): Bytes => point.toBytes() as Bytes

  /** A signature by a cheat who knows secret and nonce, with points of small order added to key and commitment. */
  function cheat(message: Bytes, keyTorsion: bigint, nonceTorsion: bigint) {
    const add = (point: InstanceType<typeof Point>, times: bigint) => (times === 0n ? point : point.add(torsion.multiplyUnsafe(times)))
    const [secret, nonce] = [Fn.create(littleEndian(random.bytes(32))), Fn.create(littleEndian(random.bytes(32)))]
    const publicKey = pointBytes(add(Point.BASE.multiply(secret), keyTorsion))
    const r = pointBytes(add(Point.BASE.multiply(nonce), nonceTorsion))
    const k = challenge(r, publicKey, message)
    return {
      publicKey,
      signature: concatBytes(r, scalarBytes(Fn.create(nonce + k * secret))),
      residue: (k * keyTorsion + nonceTorsion) % 8n,
    }
  }

  it('accepts an honest signature made by hand', () => {
    const { publicKey, signature } = cheat(utf8('m'), 0n, 0n)
    expect(outcomes((backend) => backend.ed25519Verify(publicKey, utf8('m'), signature))).toEqual(['true', 'true'])
  })

  it('agrees on keys and commitments with a part of small order', () => {
    const split: string[] = []
    let residues = 0
    for (let i = 0; i < 256; i++) {
      const [keyTorsion, nonceTorsion] = [BigInt(i % 8), BigInt((i >> 3) % 8)]
      const message = utf8(`entry ${i}`)
      const { publicKey, signature, residue } = cheat(message, keyTorsion, nonceTorsion)
      const [node, noble] = outcomes((backend) => backend.ed25519Verify(publicKey, message, signature))
      if (residue !== 0n) residues++
      if (node !== noble) split.push(`key + ${keyTorsion}T, commitment + ${nonceTorsion}T: node ${node}, noble ${noble}`)
    }
    expect(residues).toBeGreaterThan(100)
    expect(split.slice(0, 4), `${split.length} of 256 divide the devices`).toEqual([])
  })

  it('refuses public keys of small order, in every encoding of them', () => {
    const encodings = [0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n].map((times) => pointBytes(times === 0n ? Point.ZERO : torsion.multiplyUnsafe(times)))
    // y = 1 and y = 0 once more as y + p, and x = 0 with the sign bit set (RFC 8032 §5.1.3 refuses all of these)
    for (const digits of [
      'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
      'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    ])
      encodings.push(fromHex(digits), fromHex(`${digits.slice(0, 62)}ff`))
    encodings.push(fromHex(`01${'00'.repeat(30)}80`), fromHex(`ec${'ff'.repeat(31)}`))
    for (const publicKey of encodings) {
      for (let i = 0; i < 16; i++) {
        const nonce = Fn.create(littleEndian(random.bytes(32)))
        const signature = concatBytes(pointBytes(Point.BASE.multiply(nonce)), scalarBytes(nonce))
        expect(
          outcomes((backend) => backend.ed25519Verify(publicKey, utf8(`m${i}`), signature)),
          toHex(publicKey),
        ).toEqual(['false', 'false'])
      }
    }
  })

  it('refuses s + L, s = L and a commitment in another encoding', () => {
    const { publicKey, signature } = cheat(utf8('m'), 0n, 0n)
    const s = littleEndian(signature.subarray(32))
    const wide = (value: bigint): Bytes => Uint8Array.from({ length: 32 }, (_, i) => Number((value >> BigInt(8 * i)) & 255n))
    const others = [wide(s + Fn.ORDER), wide(s + 8n * Fn.ORDER), wide(Fn.ORDER), wide(0n)].map((bytes) =>
      concatBytes(signature.subarray(0, 32), bytes),
    )
    others.push(
      concatBytes(fromHex(`ee${'ff'.repeat(30)}7f`), signature.subarray(32)),
      concatBytes(fromHex(`01${'00'.repeat(30)}80`), signature.subarray(32)),
    )
    for (const other of others)
      expect(outcomes((backend) => backend.ed25519Verify(publicKey, utf8('m'), other))).toEqual(['false', 'false'])
  })

  it('agrees where the commitment is the identity in either encoding', () => {
    // nonce zero: s = k a; the canonical encoding of R is accepted or refused by both, the others are refused by both
    const secret = 12_345n
    const publicKey = pointBytes(Point.BASE.multiply(secret))
    for (const [digits, canonical] of [
      [`01${'00'.repeat(31)}`, true],
      [`01${'00'.repeat(30)}80`, false],
      [`ee${'ff'.repeat(30)}7f`, false],
      [`ee${'ff'.repeat(31)}`, false],
    ] as const) {
      const r = fromHex(digits)
      const signature = concatBytes(r, scalarBytes(Fn.create(challenge(r, publicKey, utf8('m')) * secret)))
      const [node, noble] = outcomes((backend) => backend.ed25519Verify(publicKey, utf8('m'), signature))
      expect(node).toBe(noble)
      if (!canonical) expect(node).toBe('false')
    }
  })

  it('gives the same verdict on random signatures that were changed anywhere', () => {
    for (let i = 0; i < 300; i++) {
      const seed = random.bytes(32)
      const message = random.bytes(10)
      const parts = [platformBackend.ed25519PublicKey(seed), message, platformBackend.ed25519Sign(seed, message)] as const
      const part = random.pick(parts)
      const at = random.below(part.length)
      part[at] = (part[at] as number) ^ (1 << random.below(8))
      const [node, noble] = outcomes((backend) => backend.ed25519Verify(...parts))
      expect([node, noble]).toEqual(['false', 'false'])
    }
  })
})
