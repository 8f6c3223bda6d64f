import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { concatBytes, fromHex, toHex, utf8, type Bytes } from './bytes.ts'
import { CborReader, decodeCbor, encodeCbor, maxCborDepth, type CborValue } from './cbor.ts'
import { isNokkelError } from './errors.ts'
import { SeededRandom } from './testing.ts'

/** Encodings of our own values from RFC 8949 appendix A, and the edges of every length of head. */
const good: [digits: string, value: CborValue][] = [
  ['00', 0],
  ['17', 23],
  ['1818', 24],
  ['18ff', 255],
  ['190100', 256],
  ['19ffff', 65_535],
  ['1a00010000', 65_536],
  ['1affffffff', 4_294_967_295],
  ['1b0000000100000000', 4_294_967_296],
  ['1b000000e8d4a51000', 1_000_000_000_000],
  ['1b001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['40', new Uint8Array(0)],
  ['4401020304', new Uint8Array([1, 2, 3, 4])],
  ['60', ''],
  ['6449455446', 'IETF'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['6100', '\u0000'],
  ['80', []],
  ['64efbbbf61', '\uFEFFa'],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1)],
]

const bad: Record<string, [what: string, digits: string][]> = {
  'heads longer than needed': [
    ['0 in one byte', '1800'],
    ['23 in one byte', '1817'],
    ['24 in two', '190018'],
    ['255 in two', '1900ff'],
    ['0 in four', '1a00000000'],
    ['65,535 in four', '1a0000ffff'],
    ['0 in eight', '1b0000000000000000'],
    ['2^32 - 1 in eight', '1b00000000ffffffff'],
    ['length of a byte string in one', '580101'],
    ['length of a byte string in two', '59000101'],
    ['length of a byte string in four', '5a0000000101'],
    ['length of a byte string in eight', '5b000000000000000101'],
    ['length of a text in one', '780161'],
    ['length of a text in two', '79000161'],
    ['length of an array in one', '9800'],
    ['length of an array in two', '99000100'],
    ['length of an array in eight', '9b000000000000000100'],
    ['inside an array', '811800'],
  ],
  'integers from 2^53': [
    ['2^53', '1b0020000000000000'],
    ['2^53 + 1', '1b0020000000000001'],
    ['2^63', '1b8000000000000000'],
    ['2^64 - 1', '1bffffffffffffffff'],
    ['2^53 inside an array', '811b0020000000000000'],
  ],
  'negative integers': [
    ['-1', '20'],
    ['-24', '37'],
    ['-25', '3818'],
    ['-256', '38ff'],
    ['-2^53 + 1', '3b001ffffffffffffe'],
    ['-2^64', '3bffffffffffffffff'],
  ],
  'floats, negative zero included': [
    ['0.0, half', 'f90000'],
    ['-0.0, half', 'f98000'],
    ['1.0, half', 'f93c00'],
    ['NaN, half', 'f97e00'],
    ['Infinity, half', 'f97c00'],
    ['-Infinity, half', 'f9fc00'],
    ['1.5, single', 'fa3fc00000'],
    ['1.0, single', 'fa3f800000'],
    ['-0.0, double', 'fb8000000000000000'],
    ['1.0, double', 'fb3ff0000000000000'],
    ['1.1, double', 'fb3ff199999999999a'],
    ['2^53, double', 'fb4340000000000000'],
    ['NaN with a payload', 'fb7ff8000000000001'],
    ['5.0 inside an array', '81f94500'],
  ],
  'simple values other than false, true, null': [
    ['undefined', 'f7'],
    ['undefined inside an array', '81f7'],
    ['simple(0)', 'e0'],
    ['simple(19)', 'f3'],
    ['simple(32)', 'f820'],
    ['simple(255)', 'f8ff'],
    ['false in two bytes', 'f814'],
    ['true in two bytes', 'f815'],
    ['null in two bytes', 'f816'],
  ],
  'indefinite lengths': [
    ['byte string', '5f4101ff'],
    ['empty byte string', '5fff'],
    ['text', '7f6161ff'],
    ['empty text', '7fff'],
    ['array', '9f01ff'],
    ['empty array', '9fff'],
    ['map', 'bfff'],
    ['array inside an array', '819fff'],
    ['break alone', 'ff'],
    ['break inside an array', '81ff'],
    ['no break', '9f01'],
  ],
  maps: [
    ['empty', 'a0'],
    ['one pair', 'a10000'],
    ['text key', 'a1616100'],
    ['duplicate key', 'a200000001'],
    ['keys out of order', 'a201000000'],
    ['__proto__', 'a1695f5f70726f746f5f5f00'],
    ['inside an array', '81a0'],
  ],
  tags: [
    ['date', 'c11a514b67b0'],
    ['bignum', 'c249010000000000000000'],
    ['negative bignum', 'c349010000000000000000'],
    ['self-described', 'd9d9f700'],
    ['CBOR in a byte string', 'd8184100'],
    ['inside an array', '81c000'],
    ['tag without item', 'c0'],
  ],
  'reserved heads': [
    ['1c', '1c'],
    ['1d', '1d'],
    ['1e', '1e'],
    ['1f', '1f'],
    ['3c', '3c'],
    ['5c', '5c'],
    ['7d', '7d'],
    ['9e', '9e'],
    ['bc', 'bc'],
    ['df', 'df'],
    ['fc', 'fc'],
    ['fd', 'fd'],
    ['fe', 'fe'],
  ],
  'text that is no UTF-8': [
    ['lone byte ff', '61ff'],
    ['lone continuation', '6180'],
    ['cut sequence', '61c3'],
    ['wrong continuation', '62c328'],
    ['overlong /', '62c0af'],
    ['overlong NUL', '62c080'],
    ['overlong in three', '63e08080'],
    ['surrogate', '63eda080'],
    ['pair of surrogates', '66eda081edb080'],
    ['beyond U+10FFFF', '64f4908080'],
    ['five-byte form', '65f888808080'],
    ['in long text', `7840${'61'.repeat(63)}ff`],
  ],
  'truncation and what follows': [
    ['nothing', ''],
    ['head without its byte', '18'],
    ['head without its two', '1901'],
    ['head without its eight', '1b00'],
    ['byte string too short', '4401'],
    ['text too short', '6261'],
    ['array too short', '8201'],
    ['byte string of 2^32 - 1', '5affffffff00'],
    ['byte string of 2^63 - 1', '5b7fffffffffffffff00'],
    ['text of 2^53 - 1', '7b001fffffffffffff61'],
    ['array of 2^32 - 1', '9affffffff00'],
    ['array of 2^64 - 1', '9bffffffffffffffff00'],
    ['a second item', '0000'],
    ['a zero after an array', '810000'],
    ['a break after', '00ff'],
    ['the same again', '81018101'],
  ],
  'nesting below depth 8': [
    ['depth 9', `${'81'.repeat(9)}00`],
    ['depth 9, empty', `${'81'.repeat(9)}80`],
    ['depth 9 beside depth 1', `8201${'81'.repeat(8)}00`],
    ['depth 1,000', `${'81'.repeat(1_000)}00`],
    ['depth 100,000', `${'81'.repeat(100_000)}00`],
  ],
}
const limit = 1_048_576

const scalar = fc.oneof(
  fc.maxSafeNat(),
  fc.nat(300),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new Uint8Array(bytes)),
  fc.string({ unit: 'binary', maxLength: 60 }),
)
const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof({ maxDepth: maxCborDepth - 1 }, scalar, fc.array(tie('value'), { maxLength: 6 })),
})).value

describe('canonical encoding (ENC-1)', () => {
  it.each(good)('%s', (digits, value) => {
    expect(toHex(encodeCbor(value))).toBe(digits)
    expect(decodeCbor(fromHex(digits), limit)).toEqual(value)
  })

  it('round-trips every value and gives it one encoding', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeCbor(value)
        const decoded = decodeCbor(encoded, encoded.length)
        expect(decoded).toEqual(value)
        expect(toHex(encodeCbor(decoded))).toBe(toHex(encoded))
      }),
      { numRuns: 2_000 },
    )
  })

  it.each(['\uFEFF', '\uFEFFname,password', `\uFEFF${'long '.repeat(20)}`, 'inside\uFEFF'])(
    'keeps a byte order mark in text: %j',
    (text) => {
      expect(decodeCbor(encodeCbor([1, text]), limit)).toEqual([1, text])
    },
  )

  it('gives bytes of their own, and no Buffer: not a window into memory that others share', () => {
    for (let length = 0; length < 700; length += 3) {
      const encoded = encodeCbor([1, 'x'.repeat(length), new Uint8Array(20)])
      expect(Object.getPrototypeOf(encoded), `${length}`).toBe(Uint8Array.prototype)
      expect(encoded.buffer.byteLength, `${length}`).toBe(encoded.length)
    }
  })

  it('goes to depth 8 and no deeper', () => {
    const nested = (depth: number): CborValue => (depth === 0 ? 0 : [nested(depth - 1)])
    expect(decodeCbor(encodeCbor(nested(maxCborDepth)), limit)).toEqual(nested(maxCborDepth))
    expect(() => encodeCbor(nested(maxCborDepth + 1))).toThrow('malformed')
  })

  it('refuses to write what it would not read', () => {
    const numbers: unknown[] = [-1, -0, 0.5, NaN, Infinity, -Infinity, 2 ** 53, 10n]
    const objects: unknown[] = [{}, new Map(), new Set(), new Date(0), Object.create(null)]
    const buffers: unknown[] = [new Uint16Array(1), new DataView(new ArrayBuffer(1)), new ArrayBuffer(1)]
    const texts: unknown[] = ['\ud800', 'a\udc00', '\udc00\ud800']
    const inside: unknown[] = [[undefined], [[-1]], Array.from({ length: 2 })]
    const values = [undefined, Symbol('x'), () => 1, ...numbers, ...objects, ...buffers, ...texts, ...inside]
    for (const value of values) expect(() => encodeCbor(value as CborValue), typeof value).toThrow('malformed')
  })
})

describe('strict decoding (ENC-2, ENC-3)', () => {
  for (const [group, cases] of Object.entries(bad)) {
    it.each(cases)(`refuses ${group}: %s`, (_, digits) => {
      expect(() => decodeCbor(fromHex(digits), limit)).toThrow('malformed')
    })
  }

  it('has a table of more than sixty refusals', () => {
    expect(Object.values(bad).flat().length).toBeGreaterThan(120)
  })

  it('refuses the two encodings of null, false and true that are not the shortest, in every place', () => {
    for (const head of ['f814', 'f815', 'f816', 'f817']) expect(() => decodeCbor(fromHex(`82${head}00`), limit)).toThrow('malformed')
  })

  it('says too-large before it looks at the bytes', () => {
    const bytes = encodeCbor([1, 'abc'])
    expect(() => decodeCbor(bytes, bytes.length - 1)).toThrow('too-large')
    expect(decodeCbor(bytes, bytes.length)).toEqual([1, 'abc'])
    const read = vi.fn()
    const untouchable = new Proxy(fromHex('ff'.repeat(100)), {
      get(target, name) {
        if (name === 'length') return target.length
        read(name)
        throw new Error('read')
      },
    })
    expect(() => decodeCbor(untouchable, 99)).toThrow('too-large')
    expect(read).not.toHaveBeenCalled()
    expect(() => decodeCbor(new Uint8Array(100), 0)).toThrow('too-large')
  })

  it('gives copies: neither side sees the other change', () => {
    for (const source of [fromHex('824301020301'), Buffer.from('824301020301', 'hex')]) {
      const [inner] = decodeCbor(source, limit) as [Bytes]
      source.fill(0xff)
      expect([...inner]).toEqual([1, 2, 3])
      expect(inner.buffer).not.toBe(source.buffer)
      expect(inner.buffer.byteLength).toBe(3)
    }
  })

  it('survives 100,000 random inputs: malformed, or the one encoding of what it decoded', () => {
    const seed = Number(process.env['NOKKEL_SEED'] ?? Math.floor(Math.random() * 0x1_0000_0000))
    console.info(`cbor fuzz: seed ${seed}`)
    const random = new SeededRandom(seed)
    const corpus = good.map(([digits]) => fromHex(digits))
    const inputs: (() => Bytes)[] = [
      () => random.bytes(random.below(24)),
      // heads that a decoder takes for something, so that the inputs reach past the first byte
      () =>
        random
          .bytes(random.below(12))
          .map((byte) =>
            random.chance(0.5) ? random.pick([0x00, 0x17, 0x18, 0x40, 0x41, 0x61, 0x80, 0x81, 0x82, 0x83, 0xf4, 0xf6]) : byte,
          ),
      () => mutate(random, concatBytes(fromHex('83'), random.pick(corpus), random.pick(corpus), random.pick(corpus))),
    ]
    let decoded = 0
    let refused = 0
    for (let i = 0; i < 100_000; i++) {
      const bytes = random.pick(inputs)()
      let value: CborValue
      try {
        value = decodeCbor(bytes, 4_096)
      } catch (error) {
        if (!isNokkelError(error, 'malformed')) throw new Error(`seed ${seed}, input ${i}: ${toHex(bytes)}`, { cause: error })
        refused++
        continue
      }
      if (toHex(encodeCbor(value)) !== toHex(bytes))
        throw new Error(`seed ${seed}, input ${i}: ${toHex(bytes)} is not the encoding of its value`)
      decoded++
    }
    expect(decoded + refused).toBe(100_000)
    // the fuzzer proves that it did something (house rule 18)
    expect(decoded).toBeGreaterThan(5_000)
    expect(refused).toBeGreaterThan(20_000)
  }, 30_000)
})

/** One small change, or none: flip a bit, drop, add or repeat a byte. */
function mutate(random: SeededRandom, bytes: Bytes): Bytes {
  const at = random.below(bytes.length)
  switch (random.below(5)) {
    case 0:
      return bytes.map((byte, i) => (i === at ? byte ^ (1 << random.below(8)) : byte))
    case 1:
      return concatBytes(bytes.subarray(0, at), bytes.subarray(at + 1))
    case 2:
      return concatBytes(bytes.subarray(0, at), random.bytes(1), bytes.subarray(at))
    case 3:
      return bytes.slice(0, at)
    default:
      return bytes
  }
}

describe('CborReader (ENC-4)', () => {
  const reader = (value: CborValue) => new CborReader(value, 'test')

  it('reads what is there, in order, to the end', () => {
    const r = CborReader.decode(encodeCbor([1, 'nk/1/x', new Uint8Array([9]), 'text', true, null, [1, 2], [3]]), limit, 'test')
    expect(r.literal(1)).toBe(1)
    expect(r.literal('nk/1/x')).toBe('nk/1/x')
    expect([...r.bytes(1)]).toEqual([9])
    expect(r.text(4)).toBe('text')
    expect(r.bool()).toBe(true)
    expect(r.nullable((inner) => inner.uint())).toBeNull()
    expect(r.list(2, (inner) => inner.uint())).toEqual([1, 2])
    expect(r.remaining).toBe(1)
    expect(r.tuple().uint()).toBe(3)
    r.end()
  })

  it.each<[string, CborValue, (r: CborReader) => unknown]>([
    ['no array', 1, (r) => r],
    ['an item too few', [], (r) => r.next()],
    ['text for uint', ['1'], (r) => r.uint()],
    ['bool for uint', [true], (r) => r.uint()],
    ['uint over its maximum', [11], (r) => r.uint(10)],
    ['uint under its minimum', [1], (r) => r.uint(10, 2)],
    ['text for bytes', ['ab'], (r) => r.bytes(2)],
    ['bytes too short', [utf8('a')], (r) => r.bytes(2)],
    ['bytes too long', [utf8('abc')], (r) => r.bytes(2)],
    ['bytes over a maximum', [utf8('abc')], (r) => r.bytesUpTo(2)],
    ['bytes under a minimum', [utf8('')], (r) => r.bytesUpTo(2, 1)],
    ['bytes for text', [utf8('a')], (r) => r.text(9)],
    ['text too long', ['abc'], (r) => r.text(2)],
    ['uint for bool', [1], (r) => r.bool()],
    ['null for bool', [null], (r) => r.bool()],
    ['another literal', ['nk/1/y'], (r) => r.literal('nk/1/x')],
    ['a literal of another type', ['1'], (r) => r.literal(1)],
    ['a nullable that is something else', ['a'], (r) => r.nullable((inner) => inner.uint())],
    ['a nullable that is missing', [], (r) => r.nullable((inner) => inner.uint())],
    ['no list', [1], (r) => r.list(1, (inner) => inner.uint())],
    ['a list too long', [[1, 2]], (r) => r.list(1, (inner) => inner.uint())],
    ['a list of something else', [['a']], (r) => r.list(1, (inner) => inner.uint())],
    ['a tuple that is none', [utf8('a')], (r) => r.tuple()],
    ['an item too many', [1, 2], (r) => (r.uint(), r.end())],
  ])('refuses %s', (_, value, read) => {
    expect(() => read(reader(value))).toThrow('malformed')
  })

  it('hands out unknown trailing items for keeping (SYN-14)', () => {
    const r = reader([1, 'new', [2]])
    r.uint()
    expect(r.rest()).toEqual(['new', [2]])
    r.end()
  })
})
