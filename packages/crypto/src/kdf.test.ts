import { isNokkelError, Secret, systemRandom, toHex, utf8 } from '@nokkel/base'
import { describe, expect, it, vi } from 'vitest'
import { nobleBackend, platformBackend } from './backends.ts'
import {
  deriveBoundKey,
  deriveBytes,
  deriveSecret,
  mac,
  passcodeKdf,
  passcodeKdfCeiling,
  passcodeKdfFloor,
  stretchPasscode,
  type PasscodeKdfParams,
} from './kdf.ts'

const salt = new Uint8Array(16).fill(3)

describe('derivation (KEY-2)', () => {
  const key = new Secret(systemRandom.bytes(32))

  it('separates labels, lengths apart', () => {
    const labels = ['nk/1/puk/sym', 'nk/1/puk/kem', 'nk/1/puk/com', 'nk/1/puk/sy', 'nk/1/puk/symm', '']
    expect(new Set(labels.map((label) => toHex(deriveBytes(key.reveal(), label, 32)))).size).toBe(labels.length)
    expect(toHex(deriveBytes(key.reveal(), 'a', 16))).toBe(toHex(deriveBytes(key.reveal(), 'a', 64)).slice(0, 32))
  })

  it('is HKDF with a salt of zeros, which is HKDF with no salt (RFC 5869 §2.2)', () => {
    const derived = toHex(deriveSecret(key, 'nk/1/bind').reveal())
    for (const backend of [platformBackend, nobleBackend])
      for (const zero of [new Uint8Array(0), new Uint8Array(32)])
        expect(toHex(backend.hkdfSha256(key.reveal(), zero, utf8('nk/1/bind'), 32))).toBe(derived)
  })

  it('binds a key to salt and info, the border between them included', () => {
    const [a, b, ab] = [utf8('a'), utf8('b'), utf8('ab')]
    const derived = [
      deriveBoundKey(key, a, b),
      deriveBoundKey(key, b, a),
      deriveBoundKey(key, ab, utf8('')),
      deriveBoundKey(key, utf8(''), ab),
    ]
    expect(new Set(derived.map(toHex)).size).toBe(4)
    for (const bytes of derived) expect(bytes.length).toBe(32)
  })

  it('binds a key to an info as long as the associated data of a record may be', () => {
    const info = systemRandom.bytes(2_000)
    expect(toHex(deriveBoundKey(key, salt, info))).toBe(toHex(nobleBackend.hkdfSha256(key.reveal(), salt, info, 32)))
  })

  it('says locked once the key is destroyed', () => {
    const gone = new Secret(systemRandom.bytes(32))
    gone.destroy()
    expect(() => deriveSecret(gone, 'x')).toThrow('locked')
    expect(() => deriveBoundKey(gone, salt, salt)).toThrow('locked')
  })

  it('authenticates with 32 bytes that depend on key and data', () => {
    const tags = [mac(utf8('k'), utf8('d')), mac(utf8('k'), utf8('e')), mac(utf8('l'), utf8('d'))]
    expect(new Set(tags.map(toHex)).size).toBe(3)
    for (const tag of tags) expect(tag.length).toBe(32)
  })
})

describe('passcodes (KEY-6, A9)', () => {
  const floor: PasscodeKdfParams = passcodeKdfFloor
  const names = ['memoryKiB', 'passes', 'parallelism'] as const

  it('has its own parameters between floor and ceiling', () => {
    expect(passcodeKdf).toEqual({ memoryKiB: 65_536, passes: 3, parallelism: 1 })
    for (const name of names) {
      expect(passcodeKdf[name]).toBeGreaterThanOrEqual(passcodeKdfFloor[name])
      expect(passcodeKdf[name]).toBeLessThanOrEqual(passcodeKdfCeiling[name])
    }
  })

  const outside = names.flatMap((name) =>
    [
      passcodeKdfFloor[name] - 1,
      passcodeKdfCeiling[name] + 1,
      0,
      -1,
      -0,
      2 ** 31,
      2 ** 53,
      1e300,
      passcodeKdfFloor[name] + 0.5,
      NaN,
      Infinity,
    ].map((value): [string, PasscodeKdfParams] => [`${name} ${value}`, { ...floor, [name]: value }]),
  )
  const wrongTypes = names.flatMap((name) =>
    ['65536', null, undefined, true, [passcodeKdfFloor[name]], {}, 65_536n].map((value): [string, PasscodeKdfParams] => [
      `${name} of type ${typeof value}`,
      { ...floor, [name]: value } as unknown as PasscodeKdfParams,
    ]),
  )

  it.each([...outside, ...wrongTypes])('refuses %s before any work', async (_, params) => {
    const work = vi.spyOn(platformBackend, 'argon2id')
    try {
      const error: unknown = await stretchPasscode('123456', salt, params).catch((thrown: unknown) => thrown)
      expect(isNokkelError(error, 'store-damaged')).toBe(true)
      expect(work).not.toHaveBeenCalled()
    } finally {
      work.mockRestore()
    }
  })

  it('refuses a salt that has not 16 bytes before any work', async () => {
    const work = vi.spyOn(platformBackend, 'argon2id')
    for (const length of [0, 8, 15, 17, 32])
      await expect(stretchPasscode('123456', new Uint8Array(length), floor)).rejects.toThrow('store-damaged')
    expect(work).not.toHaveBeenCalled()
    work.mockRestore()
  })

  it('works at the floor, the same on both backends', async () => {
    const stretched = await stretchPasscode('123456', salt, floor)
    expect(stretched.reveal().length).toBe(64)
    expect(toHex(await nobleBackend.argon2id(utf8('123456'), salt, floor, 64))).toBe(toHex(stretched.reveal()))
  }, 20_000)

  it('takes the two ways of typing one passcode for the same (NFKC)', async () => {
    const spellings = ['bl\u00E5b\u00E6r', 'bla\u030Ab\u00E6r', 'ｂlåbær']
    const stretched = await Promise.all(spellings.map((passcode) => stretchPasscode(passcode, salt, floor)))
    expect(new Set(stretched.map((secret) => toHex(secret.reveal()))).size).toBe(1)
    const others = await Promise.all([stretchPasscode('blabær', salt, floor), stretchPasscode('blåbær', new Uint8Array(16), floor)])
    expect(new Set([stretched[0], ...others].map((secret) => toHex(secret?.reveal() ?? salt))).size).toBe(3)
  }, 20_000)
})
