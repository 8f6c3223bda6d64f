/**
 * Normalises what exports hold for verification codes to an `otpauth://totp/` URI (Key Uri Format of Google Authenticator).
 * Accepts such a URI or a bare base32 secret. HOTP, Steam and anything unreadable give undefined: the caller keeps their text.
 */

/** as the field has it; also keeps patterns off texts of megabytes */
const maxLength = 2_000

const algorithms = ['SHA1', 'SHA256', 'SHA512']

/** `label` names the account in a URI that has to be made; a URI that came with a label keeps it. */
export function normaliseTotp(text: string, label: string): string | undefined {
  if (text.length > maxLength) return undefined
  const value = text.trim().toWellFormed()
  if (!/^[a-z][a-z0-9+.-]*:/i.test(value)) {
    const secret = canonicalSecret(value)
    // four letters in this column are more likely a word than a secret: RFC 4226 §4 asks for 128 bits, the shortest in use have 40
    if (secret === undefined || secret.length < 8) return undefined
    const name = encodeURIComponent(label.toWellFormed())
    // the label is for people only: better none than a code that does not fit
    return `otpauth://totp/${name.length > 500 ? '' : name}?secret=${secret}`
  }
  const match = /^otpauth:\/\/totp\/?([^?#]*)\?([^#]*)/i.exec(value)
  if (match === null) return undefined
  let secret: string | undefined
  const rest: string[] = []
  for (const pair of (match[2] as string).split('&')) {
    const at = pair.indexOf('=')
    const name = (at < 0 ? pair : pair.slice(0, at)).toLowerCase()
    const raw = at < 0 ? '' : pair.slice(at + 1)
    const argument = decode(raw) ?? raw
    if (name === 'secret') {
      secret = canonicalSecret(argument)
    } else if (name === 'algorithm') {
      const algorithm = argument
        .toUpperCase()
        .replace(/^HMAC-?/, '')
        .replace('-', '')
      if (!algorithms.includes(algorithm)) return undefined
      rest.push(`algorithm=${algorithm}`)
    } else if (name === 'digits' || name === 'period') {
      const number = /^\d{1,4}$/.test(argument) ? Number(argument) : 0
      if (name === 'digits' ? number < 6 || number > 8 : number < 5 || number > 300) return undefined
      rest.push(`${name}=${number}`)
    } else if (/^[\w.-]+$/.test(name)) {
      // issuer, and what other apps added
      rest.push(`${name}=${encodeURIComponent(argument)}`)
    }
  }
  if (secret === undefined) return undefined
  return `otpauth://totp/${encodeLabel(match[1] as string)}?${[`secret=${secret}`, ...rest].join('&')}`
}

const digits32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

/**
 * Upper case, no spaces, hyphens or padding; undefined when it is not base32. Some sites hand out secrets whose last digit carries
 * bits of no whole byte: every authenticator ignores those bits, so they are cleared here and strict decoders agree with lenient ones.
 */
function canonicalSecret(text: string): string | undefined {
  const secret = text.replace(/[\s-]/g, '').replace(/=+$/, '').toUpperCase()
  if (!/^[A-Z2-7]{2,}$/.test(secret)) return undefined
  const spareBits = (secret.length * 5) % 8
  const whole = secret.slice(0, secret.length - Math.floor(spareBits / 5))
  const last = digits32.indexOf(whole.charAt(whole.length - 1))
  return whole.slice(0, -1) + digits32.charAt((last >> (spareBits % 5)) << (spareBits % 5))
}

/** Undefined when the percent signs do not decode. `+` is a space in the query strings that exporters write. */
function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

/** Labels are often written with raw spaces; what is already encoded stays. */
function encodeLabel(label: string): string {
  return label.replace(/[\s"<>\\^`{|}]/g, (character) => encodeURIComponent(character))
}
