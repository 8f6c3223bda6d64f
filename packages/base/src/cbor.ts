/**
 * Deterministic CBOR (RFC 8949 §4.2.1), restricted to what our signed objects need (SPEC ENC-1 … ENC-4): unsigned integers
 * below 2^53, byte strings, text, arrays, booleans and null. No maps, tags, floats or negative numbers.
 * cborg's strict decoder still lets some non-canonical encodings through, so every decode is re-encoded and compared (ENC-3).
 */
import { decode, encode, Tokenizer, Type } from 'cborg'
import { equalBytes, utf8Decode, type Bytes } from './bytes.ts'
import { NokkelError } from './errors.ts'

export type CborValue = number | string | boolean | null | Uint8Array | readonly CborValue[]

/** Nesting deeper than this is refused (ENC-2). */
export const maxCborDepth = 8

const decodeOptions = {
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
  rejectDuplicateMapKeys: true,
  useMaps: true,
  retainStringBytes: true,
}

/** cborg's own text decoder drops a leading byte order mark: a text which begins with one could be written but not read. */
class TextTokenizer extends Tokenizer {
  override next() {
    const token = super.next()
    if (token.type === Type.string) token.value = utf8Decode(token.byteValue ?? new Uint8Array(0))
    return token
  }
}

function decodeText(bytes: Uint8Array): CborValue {
  // a plain view: cborg slices byte strings from what it is given, and a Buffer's slices are no copies
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
  return decode(plain, { ...decodeOptions, tokenizer: new TextTokenizer(plain, decodeOptions) }) as CborValue
}

export function encodeCbor(value: CborValue): Bytes {
  assertEncodable(value, 0)
  // a copy: in Node cborg hands out Buffers that are windows into the pool
  return new Uint8Array(encode(value))
}

/**
 * Decodes one complete item of at most `maxBytes`. Anything else throws `malformed`, or `too-large` before parsing.
 * Byte strings in the result are copies: they do not keep `bytes` alive.
 */
export function decodeCbor(bytes: Uint8Array, maxBytes: number): CborValue {
  if (bytes.length > maxBytes) throw new NokkelError('too-large', { limitBytes: maxBytes })
  let value: CborValue
  try {
    value = decodeText(bytes)
    assertEncodable(value, 0)
  } catch (error) {
    if (error instanceof NokkelError) throw error
    throw new NokkelError('malformed', { what: 'cbor' })
  }
  if (!equalBytes(encode(value), bytes)) throw new NokkelError('malformed', { what: 'cbor' })
  return value
}

/** For bytes that this device sealed itself: skips the canonical check, which costs as much as decoding. */
export function decodeOwnCbor(bytes: Uint8Array): CborValue {
  try {
    return decodeText(bytes)
  } catch {
    throw new NokkelError('malformed', { what: 'cbor' })
  }
}

function assertEncodable(value: unknown, depth: number): asserts value is CborValue {
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0)) return
  } else if (typeof value === 'string') {
    if (value.isWellFormed()) return
  } else if (typeof value === 'boolean' || value === null || value instanceof Uint8Array) {
    return
  } else if (Array.isArray(value) && depth < maxCborDepth) {
    for (const element of value) assertEncodable(element, depth + 1)
    return
  }
  throw new NokkelError('malformed', { what: 'cbor' })
}

/**
 * Reads a positional array front to back; every accessor checks type and range and throws `malformed`. `end()` refuses
 * trailing elements; readers of formats that may grow call `rest()` instead and keep what they do not know (SPEC SYN-14).
 */
export class CborReader {
  readonly #items: readonly CborValue[]
  readonly #what: string
  #at = 0

  constructor(value: CborValue, what: string) {
    if (!Array.isArray(value)) throw new NokkelError('malformed', { what })
    this.#items = value as readonly CborValue[]
    this.#what = what
  }

  static decode(bytes: Uint8Array, maxBytes: number, what: string): CborReader {
    return new CborReader(decodeCbor(bytes, maxBytes), what)
  }

  fail(): never {
    throw new NokkelError('malformed', { what: this.#what })
  }

  next(): CborValue {
    if (this.#at >= this.#items.length) this.fail()
    return this.#items[this.#at++] as CborValue
  }

  /** An unsigned integer in [min, max]. */
  uint(max = Number.MAX_SAFE_INTEGER, min = 0): number {
    const value = this.next()
    if (typeof value !== 'number' || value > max || value < min) this.fail()
    return value
  }

  /** A byte string of exactly `length` bytes. */
  bytes(length: number): Bytes {
    return this.bytesUpTo(length, length)
  }

  bytesUpTo(max: number, min = 0): Bytes {
    const value = this.next()
    if (!(value instanceof Uint8Array) || value.length > max || value.length < min) this.fail()
    return value as Bytes
  }

  /** Text of at most `max` UTF-16 units. */
  text(max: number): string {
    const value = this.next()
    if (typeof value !== 'string' || value.length > max) this.fail()
    return value
  }

  bool(): boolean {
    const value = this.next()
    if (typeof value !== 'boolean') this.fail()
    return value
  }

  literal<T extends string | number>(expected: T): T {
    if (this.next() !== expected) this.fail()
    return expected
  }

  nullable<T>(read: (reader: CborReader) => T): T | null {
    if (this.#items[this.#at] === null) {
      this.#at++
      return null
    }
    return read(this)
  }

  /** An array of at most `max` elements, each read by `read` from a reader positioned on that element. */
  list<T>(max: number, read: (reader: CborReader) => T): T[] {
    const value = this.next()
    if (!Array.isArray(value) || value.length > max) this.fail()
    const inner = new CborReader(value as readonly CborValue[], this.#what)
    const out: T[] = []
    for (let i = 0; i < value.length; i++) out.push(read(inner))
    return out
  }

  /** A nested positional array. */
  tuple(): CborReader {
    return new CborReader(this.next(), this.#what)
  }

  get remaining(): number {
    return this.#items.length - this.#at
  }

  rest(): CborValue[] {
    const rest = this.#items.slice(this.#at)
    this.#at = this.#items.length
    return rest
  }

  end(): void {
    if (this.#at !== this.#items.length) this.fail()
  }
}
