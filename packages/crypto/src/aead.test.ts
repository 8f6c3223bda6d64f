import { concatBytes, NokkelError, systemRandom, toHex, utf8, type Bytes } from '@nokkel/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { aeadTagBytes, openOnce, openRandom, sealOnce, sealRandom } from './aead.ts'

const aad = utf8('nk/1/test, revision 7')
const empty = new Uint8Array(0)
const otherKey = systemRandom.bytes(32)

const shapes = [
  { name: 'sealOnce', overheadBytes: aeadTagBytes, seal: sealOnce, open: openOnce },
  {
    name: 'sealRandom',
    overheadBytes: 12 + aeadTagBytes,
    seal: (key: Uint8Array, data: Uint8Array, plaintext: Uint8Array): Bytes => sealRandom(systemRandom, key, data, plaintext),
    open: openRandom,
  },
]

/** All that a caller can see of a failure: it must be the same whatever the reason (house rule 11). */
function failure(open: () => unknown): string {
  try {
    open()
  } catch (error) {
    if (error instanceof NokkelError) return JSON.stringify([error.code, error.message, error.params, error.cause ?? null])
    throw error
  }
  return 'opened'
}
const openFailed = JSON.stringify(['open-failed', 'open-failed', {}, null])

describe.each(shapes)('$name (KEY-3)', ({ overheadBytes, seal, open }) => {
  const key = systemRandom.bytes(32)
  const plaintext = systemRandom.bytes(40)
  const sealed = seal(key, aad, plaintext)

  it('round-trips every length, in memory of its own', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 40 }), (message, data) => {
        const made = seal(key, data, message)
        expect(made.length).toBe(message.length + overheadBytes)
        const opened = open(key, data, made)
        expect(toHex(opened)).toBe(toHex(message))
        expect(opened.buffer.byteLength).toBe(opened.length)
      }),
    )
  })

  it('refuses a change of any single bit', () => {
    let refused = 0
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = sealed.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(
        failure(() => open(key, aad, changed)),
        `bit ${bit}`,
      ).toBe(openFailed)
      refused++
    }
    expect(refused).toBe((40 + overheadBytes) * 8)
  })

  it('refuses every truncation, and additions at either end', () => {
    for (let length = 0; length < sealed.length; length++) {
      expect(
        failure(() => open(key, aad, sealed.subarray(0, length))),
        `${length} bytes`,
      ).toBe(openFailed)
      if (length > 0)
        expect(
          failure(() => open(key, aad, sealed.subarray(length))),
          `from ${length}`,
        ).toBe(openFailed)
    }
    expect(failure(() => open(key, aad, concatBytes(sealed, new Uint8Array(1))))).toBe(openFailed)
    expect(failure(() => open(key, aad, concatBytes(new Uint8Array(1), sealed)))).toBe(openFailed)
  })

  it('refuses other associated data', () => {
    for (const data of [empty, aad.subarray(1), concatBytes(aad, new Uint8Array(1)), utf8('nk/1/test, revision 8')])
      expect(failure(() => open(key, data, sealed))).toBe(openFailed)
  })

  it('refuses another key, each bit of it counting', () => {
    expect(failure(() => open(otherKey, aad, sealed))).toBe(openFailed)
    for (let bit = 0; bit < 256; bit++) {
      const changed = key.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(
        failure(() => open(changed, aad, sealed)),
        `bit ${bit}`,
      ).toBe(openFailed)
    }
  })

  it('refuses a key of another length without saying so', () => {
    for (const length of [0, 16, 24, 31, 33, 64])
      expect(
        failure(() => open(new Uint8Array(length), aad, sealed)),
        `${length} bytes`,
      ).toBe(openFailed)
  })

  it('seals an empty message and still notices changes', () => {
    const nothing = seal(key, aad, empty)
    expect(open(key, aad, nothing).length).toBe(0)
    expect(failure(() => open(key, empty, nothing))).toBe(openFailed)
  })
})

describe('nonces (KEY-3)', () => {
  const key = systemRandom.bytes(32)

  it('sealRandom draws a new one each time and shows it in front', () => {
    const seen = new Set<string>()
    for (let i = 0; i < 1_000; i++) seen.add(toHex(sealRandom(systemRandom, key, aad, utf8('same')).subarray(0, 12)))
    expect(seen.size).toBe(1_000)
    const fixed = sealRandom({ bytes: (length) => new Uint8Array(length).fill(7) }, key, aad, utf8('same'))
    expect(toHex(fixed.subarray(0, 12))).toBe('07'.repeat(12))
  })

  it('sealOnce has the nonce of zeros and adds nothing but the tag', () => {
    const once = sealOnce(key, aad, utf8('same'))
    const random = sealRandom({ bytes: (length) => new Uint8Array(length) }, key, aad, utf8('same'))
    expect(toHex(random)).toBe('00'.repeat(12) + toHex(once))
  })
})
