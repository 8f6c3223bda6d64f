/** `vectors/cbor.json`: the one encoding of each value (ENC-1), and byte strings that a reader must refuse (ENC-2, ENC-3). */
import { decodeCbor, encodeCbor, fromHex, toHex, type CborValue } from '@nokkel/base'
import { expect } from 'vitest'
import { fromJsonValue, refusalOf, toJsonValue, type JsonValue, type Refused, type Suite } from './format.ts'

const maxBytes = 4_096

interface CborSuite extends Suite {
  readonly maxBytes: number
  readonly accept: readonly { readonly name: string; readonly value: JsonValue; readonly encoded: string }[]
  readonly refuse: readonly (Refused & { readonly encoded: string })[]
}

function nested(depth: number): CborValue {
  return depth === 0 ? 0 : [nested(depth - 1)]
}

const accepted: readonly (readonly [name: string, value: CborValue])[] = [
  ...[0, 1, 23, 24, 255, 256, 65_535, 65_536, 4_294_967_295, 4_294_967_296, Number.MAX_SAFE_INTEGER].map(
    (n) => [`integer ${n}`, n] as const,
  ),
  ['empty byte string', new Uint8Array(0)],
  ['byte string of 23', new Uint8Array(23).fill(7)],
  ['byte string of 24', new Uint8Array(24).fill(7)],
  ['byte string of 256', new Uint8Array(256).fill(7)],
  ['empty text', ''],
  ['text in Norwegian', 'nøkkelring æ å'],
  ['text outside the basic plane', '🔑'],
  ['text that begins with a byte order mark', '\ufeffx'],
  ['text is not normalised', 'a\u030a'],
  ['true', true],
  ['false', false],
  ['null', null],
  ['empty array', []],
  ['array of 24', Array.from({ length: 24 }, (_, i) => i)],
  ['eight arrays deep', nested(8)],
  ['a mixture', [1, 'a', new Uint8Array([1, 2]), [null, true, []]]],
]

const refused: readonly (readonly [name: string, encoded: string])[] = [
  ['nothing at all', ''],
  ['bytes after the item', '0000'],
  ['integer 23 in two bytes', '1817'],
  ['integer 255 in three bytes', '1900ff'],
  ['integer 65535 in five bytes', '1a0000ffff'],
  ['integer 2^32 - 1 in nine bytes', '1b00000000ffffffff'],
  ['integer 2^53', '1b0020000000000000'],
  ['integer 2^64 - 1', '1bffffffffffffffff'],
  ['negative integer', '20'],
  ['half-precision float', 'f93c00'],
  ['double-precision float 1.0', 'fb3ff0000000000000'],
  ['not a number', 'f97e00'],
  ['length of a byte string longer than needed', '58020102'],
  ['length of a text longer than needed', '7801 61'.replace(' ', '')],
  ['length of an array longer than needed', '980100'],
  ['byte string of indefinite length', '5f4101ff'],
  ['text of indefinite length', '7f6161ff'],
  ['array of indefinite length', '9f00ff'],
  ['break without a beginning', 'ff'],
  ['map', 'a10000'],
  ['empty map', 'a0'],
  ['tag', 'c000'],
  ['undefined', 'f7'],
  ['simple value 16', 'f0'],
  ['false in two bytes', 'f814'],
  ['reserved length 28', '1c'],
  ['byte string cut short', '420a'],
  ['array cut short', '8200'],
  ['integer cut short', '19ff'],
  ['text that is no UTF-8', '61ff'],
  ['text in an overlong form', '62c0af'],
  ['text with a surrogate', '63eda080'],
  ['nine arrays deep', `${'81'.repeat(9)}00`],
  ['a map inside an array', '81a0'],
  ['a length that promises more than there is', '5affffffff00'],
]

export function build(): CborSuite {
  return {
    about:
      'Deterministic CBOR. Every encoding under "accept" is the only one of its value; everything under "refuse" is refused by a reader with the given ceiling.',
    rules: ['ENC-1', 'ENC-2', 'ENC-3'],
    maxBytes,
    accept: accepted.map(([name, value]) => ({ name, value: toJsonValue(value), encoded: toHex(encodeCbor(value)) })),
    refuse: [
      ...refused.map(([name, encoded]) => ({ name, encoded, refuse: { code: 'malformed' } })),
      { name: 'longer than the reader allows', encoded: `591001${'00'.repeat(4_097)}`, refuse: { code: 'too-large' } },
    ],
  }
}

export function check(suite: CborSuite): number {
  for (const { name, value, encoded } of suite.accept) {
    expect(toHex(encodeCbor(fromJsonValue(value))), name).toBe(encoded)
    expect(toJsonValue(decodeCbor(fromHex(encoded), suite.maxBytes)), name).toEqual(value)
  }
  for (const { name, encoded, refuse } of suite.refuse)
    expect(
      refusalOf(() => decodeCbor(fromHex(encoded), suite.maxBytes)),
      name,
    ).toEqual(refuse)
  return suite.accept.length + suite.refuse.length
}
