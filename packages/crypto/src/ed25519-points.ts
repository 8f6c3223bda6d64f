/** Which encodings of Ed25519 points both backends let through. */
import { toHex } from '@nokkel/base'

/** p = 2^255 - 19, little-endian without its first byte: y is canonical unless it ends like this and begins with ed or more. */
const highY = `${'ff'.repeat(30)}7f`
/** y of the eight points of small order */
const smallOrderY = new Set([
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${highY}`,
])

/** A point in its one encoding (RFC 8032 §5.1.3) and not of small order. OpenSSL 3.0 asks for neither, 3.5.8 for both. */
export function acceptablePoint(encoded: Uint8Array): boolean {
  const y = new Uint8Array(encoded)
  y[31] = (y[31] as number) & 127
  const digits = toHex(y)
  if (digits.endsWith(highY) && (y[0] as number) >= 0xed) return false
  return !smallOrderY.has(digits)
}
