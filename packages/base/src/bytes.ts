/**
 * Byte-string conversions that every layer needs. L0: no keys, no I/O, no platform APIs beyond TextEncoder/TextDecoder.
 * Decoders are strict: they reject what they would not themselves have produced.
 */
import { NokkelError } from './errors.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export type Bytes = Uint8Array<ArrayBuffer>

/** UTF-8 encoding of a string. */
export function utf8(text: string): Bytes {
  return encoder.encode(text) as Bytes
}

/** Strict UTF-8 decoding; throws `malformed` on invalid sequences. */
export function utf8Decode(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new NokkelError('malformed', { what: 'utf-8' })
  }
}

export function concatBytes(...parts: readonly Uint8Array[]): Bytes {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Equality in time that depends on the lengths only. Different lengths are unequal. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] as number) ^ (b[i] as number)
  return difference === 0
}

/** Lexicographic order of byte strings: negative, zero or positive. Not constant time. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

const hexDigits = '0123456789abcdef'
const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => hexDigits.charAt(byte >> 4) + hexDigits.charAt(byte & 15))

export function toHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += hexPairs[byte] as string
  return text
}

/** Value of each lower-case hexadecimal digit by its character code; 16 for every other character. */
const hexValues = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = hexDigits.indexOf(String.fromCharCode(code))
  return value === -1 ? 16 : value
})

/** Lower-case hexadecimal only; throws `malformed`. */
export function fromHex(text: string): Bytes {
  const out = new Uint8Array(text.length >> 1)
  let invalid = text.length & 1
  for (let i = 0; i < out.length; i++) {
    const high = hexValues[text.charCodeAt(i * 2)] ?? 16
    const low = hexValues[text.charCodeAt(i * 2 + 1)] ?? 16
    invalid |= (high | low) & 16
    out[i] = (high << 4) | low
  }
  if (invalid !== 0) throw new NokkelError('malformed', { what: 'hex' })
  return out
}

const base64urlDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const base64urlValues = new Map([...base64urlDigits].map((digit, value) => [digit, value]))

/** RFC 4648 §5, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += base64urlDigits.charAt(group >> 18) + base64urlDigits.charAt((group >> 12) & 63)
    if (left > 1) text += base64urlDigits.charAt((group >> 6) & 63)
    if (left > 2) text += base64urlDigits.charAt(group & 63)
  }
  return text
}

/** RFC 4648 §5 without padding; rejects other alphabets, padding and non-zero trailing bits (`malformed`). */
export function fromBase64url(text: string): Bytes {
  const tail = text.length % 4
  if (tail === 1) throw new NokkelError('malformed', { what: 'base64url' })
  const out = new Uint8Array(Math.floor((text.length * 3) / 4))
  let bits = 0
  let count = 0
  let at = 0
  for (const digit of text) {
    const value = base64urlValues.get(digit)
    if (value === undefined) throw new NokkelError('malformed', { what: 'base64url' })
    bits = ((bits << 6) | value) & 0xffffff
    count += 6
    if (count >= 8) {
      count -= 8
      out[at++] = (bits >> count) & 255
    }
  }
  if (count > 0 && (bits & ((1 << count) - 1)) !== 0) throw new NokkelError('malformed', { what: 'base64url' })
  return out
}
