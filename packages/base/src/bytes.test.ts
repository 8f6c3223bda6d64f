import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, concatBytes, equalBytes, fromBase64url, fromHex, toBase64url, toHex, utf8, utf8Decode } from './bytes.ts'

const anyBytes = fc.uint8Array({ maxLength: 200 })
/** well-formed text from all of Unicode */
const anyText = fc.string({ unit: 'binary', maxLength: 100 })

describe('hexadecimal', () => {
  it('round-trips and agrees with the platform', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = toHex(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('hex'))
        expect(fromHex(text)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it.each([
    '0',
    '000',
    'AB',
    'aB',
    'Ab',
    'gg',
    '0g',
    ' 00',
    '00 ',
    '00\n',
    '\n00',
    '0x00',
    '0 ',
    '-1',
    '+1',
    '1.',
    '٠٠',
    '００',
    '0\u0000',
    '00:11',
    'é0',
  ])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow('malformed')
  })

  it('accepts only what it would write', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0123456789abcdefABF gx\n'), maxLength: 8 }), (text) => {
        let bytes
        try {
          bytes = fromHex(text)
        } catch {
          return
        }
        expect(toHex(bytes)).toBe(text)
      }),
    )
  })
})

describe('base64url', () => {
  it('round-trips and agrees with the platform', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = toBase64url(bytes)
        expect(text).toBe(Buffer.from(bytes).toString('base64url'))
        expect(fromBase64url(text)).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('has the values of RFC 4648 §10, without padding', () => {
    const values = { '': '', f: 'Zg', fo: 'Zm8', foo: 'Zm9v', foob: 'Zm9vYg', fooba: 'Zm9vYmE', foobar: 'Zm9vYmFy' }
    for (const [text, encoded] of Object.entries(values)) {
      expect(toBase64url(utf8(text))).toBe(encoded)
      expect(utf8Decode(fromBase64url(encoded))).toBe(text)
    }
    expect(toBase64url(new Uint8Array([0xfb, 0xff, 0xbf]))).toBe('-_-_')
  })

  it.each([
    ['padding', ['Zg==', 'Zm8=', 'Zm9v=', 'Zg=', '=', '====']],
    ['the other alphabet', ['+/+/', 'Zm+v', 'Zm/v']],
    ['a single digit left over', ['Z', 'Zm9vY', 'A']],
    ['bits that carry nothing', ['Zh', 'Zv', 'Zm9', 'AB', 'A_', 'AAB', 'AAD', '__']],
    ['white space and other signs', [' Zg', 'Zg ', 'Z g', 'Zg\n', 'Zm9v\n', 'Zm9v\r\n', 'Zm.v', 'Zm\u0000v', 'Zmév', 'Zm😀', '😀😀']],
  ])('refuses %s', (_, texts) => {
    for (const text of texts) expect(() => fromBase64url(text), JSON.stringify(text)).toThrow('malformed')
  })

  it('accepts only what it would write', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABQgwxyz0189-_+/= '), maxLength: 8 }), (text) => {
        let bytes
        try {
          bytes = fromBase64url(text)
        } catch {
          return
        }
        expect(toBase64url(bytes)).toBe(text)
      }),
    )
  })
})

describe('UTF-8', () => {
  it('round-trips all text, a leading byte order mark included', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Decode(utf8(text))).toBe(text)
      }),
    )
    expect(utf8Decode(utf8('\uFEFFa'))).toBe('\uFEFFa')
  })

  it.each(['ff', 'c0af', 'c080', 'e08080', 'eda080', 'edbfbf', 'f4908080', 'f8888080', 'c3', 'e282', 'f09f98', '80', '61c3', 'c361'])(
    'refuses %s',
    (digits) => {
      expect(() => utf8Decode(fromHex(digits))).toThrow('malformed')
    },
  )
})

describe('comparison and joining', () => {
  it('joins in order into memory of its own', () => {
    fc.assert(
      fc.property(fc.array(anyBytes, { maxLength: 5 }), (parts) => {
        const joined = concatBytes(...parts)
        expect([...joined]).toEqual(parts.flatMap((part) => [...part]))
        expect(joined.buffer.byteLength).toBe(joined.length)
        for (const part of parts) expect(joined.buffer).not.toBe(part.buffer)
      }),
    )
  })

  it('compares as the platform does', () => {
    const near = fc.uint8Array({ maxLength: 6, max: 2 })
    fc.assert(
      fc.property(near, near, (a, b) => {
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
      }),
    )
  })

  it('finds a difference in each single bit', () => {
    const a = new Uint8Array(33).fill(0xa5)
    for (let bit = 0; bit < a.length * 8; bit++) {
      const b = a.slice()
      b[bit >> 3] = 0xa5 ^ (1 << (bit & 7))
      expect(equalBytes(a, b)).toBe(false)
    }
    expect(equalBytes(a, a.slice())).toBe(true)
    expect(equalBytes(a, a.subarray(1))).toBe(false)
  })
})
