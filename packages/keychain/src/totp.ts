/** Verification codes (RFC 6238 over RFC 4226), from otpauth:// addresses. HMAC comes from WebCrypto, which every platform has. */
import { NokkelError, type Bytes } from '@nokkel/base'

export interface TotpKey {
  readonly secret: Bytes
  readonly algorithm: 'SHA-1' | 'SHA-256' | 'SHA-512'
  readonly digits: 6 | 7 | 8
  readonly periodSeconds: number
}

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/** RFC 4648 §6; case, spaces, hyphens and missing padding are forgiven, other characters and less than a byte are not (`malformed`). */
export function fromBase32(text: string): Bytes {
  const clean = text.toUpperCase().replace(/[\s-]/g, '').replace(/=+$/, '')
  if (clean === '') throw new NokkelError('malformed', { what: 'totp' })
  const out: number[] = []
  let bits = 0
  let value = 0
  for (const character of clean) {
    const digit = base32.indexOf(character)
    if (digit === -1) throw new NokkelError('malformed', { what: 'totp' })
    value = ((value << 5) | digit) & 0xfff
    bits += 5
    if (bits >= 8) {
      bits -= 8
      out.push((value >> bits) & 255)
    }
  }
  if (out.length === 0) throw new NokkelError('malformed', { what: 'totp' })
  return new Uint8Array(out)
}

/** Accepts an otpauth://totp address or a bare base-32 secret. Throws `malformed`. */
export function parseTotp(text: string): TotpKey {
  const wrong = () => new NokkelError('malformed', { what: 'totp' })
  if (!text.toLowerCase().startsWith('otpauth:')) return { secret: fromBase32(text), algorithm: 'SHA-1', digits: 6, periodSeconds: 30 }
  const match = /^otpauth:\/\/totp\/[^?]*\?(.*)$/i.exec(text)
  if (match === null) throw wrong()
  const params = new Map<string, string>()
  for (const part of (match[1] as string).split('&')) {
    const [name = '', value = ''] = part.split('=', 2)
    try {
      params.set(name.toLowerCase(), decodeURIComponent(value))
    } catch {
      throw wrong()
    }
  }
  const algorithm = { SHA1: 'SHA-1', SHA256: 'SHA-256', SHA512: 'SHA-512' }[
    (params.get('algorithm') ?? 'SHA1').toUpperCase().replace('-', '')
  ]
  const digits = Number(params.get('digits') ?? 6)
  const periodSeconds = Number(params.get('period') ?? 30)
  if (
    algorithm === undefined ||
    ![6, 7, 8].includes(digits) ||
    !Number.isSafeInteger(periodSeconds) ||
    periodSeconds < 5 ||
    periodSeconds > 300
  )
    throw wrong()
  return {
    secret: fromBase32(params.get('secret') ?? ''),
    algorithm: algorithm as TotpKey['algorithm'],
    digits: digits as TotpKey['digits'],
    periodSeconds,
  }
}

export interface TotpCode {
  readonly code: string
  /** when this code stops being the present one */
  readonly validUntilMs: number
}

export async function totpCode(text: string, nowMs: number): Promise<TotpCode> {
  const { secret, algorithm, digits, periodSeconds } = parseTotp(text)
  const counter = Math.floor(nowMs / 1000 / periodSeconds)
  const message = new Uint8Array(8)
  new DataView(message.buffer).setBigUint64(0, BigInt(counter))
  const key = await crypto.subtle.importKey('raw', secret, { name: 'HMAC', hash: algorithm }, false, ['sign'])
  const mac = new Uint8Array(await crypto.subtle.sign('HMAC', key, message))
  // RFC 4226 §5.3, dynamic truncation
  const offset = (mac[mac.length - 1] as number) & 15
  const number = new DataView(mac.buffer).getUint32(offset) & 0x7fff_ffff
  return { code: (number % 10 ** digits).toString().padStart(digits, '0'), validUntilMs: (counter + 1) * periodSeconds * 1000 }
}
