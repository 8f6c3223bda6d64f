import { Secret, fromHex, systemRandom, toHex, utf8, type Bytes } from '@nokkel/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signatureBytes, signaturePublicKeyBytes, signedMessage, verifySignature } from './sign-verify.ts'
import { createSigningKey, sign, signingKeyFromSeed } from './sign.ts'

const labels = ['nk/1/chain', 'nk/1/chain-rev', 'nk/1/chai', 'nk/1/batch', 'nk/1/rec', 'nk/2/chain', 'NK/1/chain', '']

describe('signatures (ENC-5)', () => {
  const key = createSigningKey(systemRandom)
  const body = systemRandom.bytes(50)

  it('verifies what it signed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...labels), (message, label) => {
        const signature = sign(key, label, message)
        expect(signature.length).toBe(signatureBytes)
        expect(verifySignature(key.publicKey, label, message, signature)).toBe(true)
      }),
    )
  })

  it('is none under any other label', () => {
    for (const signed of labels) {
      const signature = sign(key, signed, body)
      for (const label of labels)
        expect(verifySignature(key.publicKey, label, body, signature), `${signed} as ${label}`).toBe(label === signed)
    }
  })

  it('does not let bytes move between label and body', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '1'), maxLength: 4 })
    fc.assert(
      fc.property(text, text, text, text, (labelA, bodyA, labelB, bodyB) => {
        const same = labelA === labelB && bodyA === bodyB
        expect(toHex(signedMessage(labelA, utf8(bodyA))) === toHex(signedMessage(labelB, utf8(bodyB)))).toBe(same)
      }),
    )
    const signature = sign(key, 'nk/1/chain', utf8('-rev and more'))
    expect(verifySignature(key.publicKey, 'nk/1/chain-rev', utf8(' and more'), signature)).toBe(false)
    expect(verifySignature(key.publicKey, 'nk/1/chain', utf8('\u0000-rev and more'), signature)).toBe(false)
  })

  it('is none for the bare body, and a bare signature is none for a label', () => {
    expect(toHex(signedMessage('l', utf8('b')))).toBe('6c0062')
    expect(verifySignature(key.publicKey, '', body, sign(key, 'nk/1/chain', body))).toBe(false)
  })

  it('refuses a change of any single bit of signature, key or body', () => {
    const flips = (bytes: Bytes): Bytes[] =>
      Array.from({ length: bytes.length * 8 }, (_, bit) => bytes.map((byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte)))
    const signature = sign(key, 'l', body)
    for (const changed of flips(signature)) expect(verifySignature(key.publicKey, 'l', body, changed)).toBe(false)
    for (const changed of flips(key.publicKey)) expect(verifySignature(changed, 'l', body, signature)).toBe(false)
    for (const changed of flips(body)) expect(verifySignature(key.publicKey, 'l', changed, signature)).toBe(false)
  })

  it('answers false, and does not throw, for lengths that are none', () => {
    const signature = sign(key, 'l', body)
    for (const length of [0, 1, 31, 33, 63, 65, 128]) {
      expect(verifySignature(key.publicKey, 'l', body, new Uint8Array(length))).toBe(false)
      if (length !== signaturePublicKeyBytes) expect(verifySignature(new Uint8Array(length), 'l', body, signature)).toBe(false)
    }
    expect(verifySignature(new Uint8Array(32), 'l', body, new Uint8Array(64))).toBe(false)
    expect(verifySignature(new Uint8Array(32).fill(255), 'l', body, new Uint8Array(64).fill(255))).toBe(false)
  })

  it('makes the public keys of RFC 8032 §7.1 from its seeds', () => {
    const published = [
      [
        '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
        'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      ],
      [
        '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
        '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      ],
      [
        'c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7',
        'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
      ],
    ] as const
    for (const [seed, publicKey] of published) expect(toHex(signingKeyFromSeed(new Secret(fromHex(seed))).publicKey)).toBe(publicKey)
  })

  it('says locked once its seed is destroyed', () => {
    const gone = createSigningKey(systemRandom)
    gone.seed.destroy()
    expect(() => sign(gone, 'l', body)).toThrow('locked')
  })
})
