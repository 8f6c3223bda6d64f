/**
 * A host as people may safely read it: in its own script where that cannot deceive, in punycode where scripts are mixed or a whole label
 * imitates Latin letters. Runs in background and popup.
 */

/** RFC 3492 section 6.2. undefined: not valid punycode. */
function decodeLabel(input: string): string | undefined {
  const points: number[] = []
  const cut = input.lastIndexOf('-')
  for (const char of input.slice(0, Math.max(cut, 0))) points.push(char.charCodeAt(0))
  let n = 128
  let bias = 72
  let i = 0
  for (let at = cut + 1; at < input.length;) {
    const before = i
    for (let w = 1, k = 36; ; k += 36) {
      const code = input.charCodeAt(at++)
      const value = code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : -1
      if (value < 0) return undefined
      i += value * w
      const t = Math.min(26, Math.max(1, k - bias))
      if (value < t) break
      w *= 36 - t
      if (w > 0x7fffffff || i > 0x7fffffff) return undefined
    }
    const count = points.length + 1
    let delta = before === 0 ? Math.floor((i - before) / 700) : (i - before) >> 1
    delta += Math.floor(delta / count)
    let k = 0
    for (; delta > 455; k += 36) delta = Math.floor(delta / 35)
    bias = k + Math.floor((36 * delta) / (delta + 38))
    n += Math.floor(i / count)
    i %= count
    if (n > 0x10ffff) return undefined
    points.splice(i++, 0, n)
  }
  return String.fromCodePoint(...points)
}

/** One script alone, or the mixes that Japanese, Korean and Chinese are written in. `Common` covers digits and hyphen. */
const allowed = [
  /^[\p{Script=Latin}\p{Script=Common}]+$/u,
  /^[\p{Script=Cyrillic}\p{Script=Common}]+$/u,
  /^[\p{Script=Greek}\p{Script=Common}]+$/u,
  /^[\p{Script=Arabic}\p{Script=Common}]+$/u,
  /^[\p{Script=Hebrew}\p{Script=Common}]+$/u,
  /^[\p{Script=Thai}\p{Script=Common}]+$/u,
  /^[\p{Script=Devanagari}\p{Script=Common}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Common}]+$/u,
  /^[\p{Script=Latin}\p{Script=Han}\p{Script=Hangul}\p{Script=Common}]+$/u,
]
/** Cyrillic and Greek letters that look like Latin ones. */
const imitates = /^[асԁеһіјӏорԛѕԝхуүґкмтвнαορνικτυωγ0-9-]+$/u

function safe(label: string, ascii: string): boolean {
  if (!allowed.some((shape) => shape.test(label))) return false
  // invisible and combining characters beyond those that belong to a letter
  if (/[\p{Cf}\p{M}]{1}/u.test(label.normalize('NFC')) && !/[\p{Script=Devanagari}\p{Script=Thai}\p{Script=Arabic}]/u.test(label))
    return false
  const imitation = imitates.test(label) && /[\p{Script=Cyrillic}\p{Script=Greek}]/u.test(label)
  return !(imitation && !/\.(?:ru|su|bg|ua|by|rs|mk|kz|gr|xn--[a-z0-9-]+)$/.test(ascii))
}

/** `xn--…` labels decoded where that is safe. The input is a host as `URL.hostname` writes it. */
export function displayHost(host: string): string {
  return host
    .split('.')
    .map((label) => {
      if (!label.startsWith('xn--')) return label
      const decoded = decodeLabel(label.slice(4))
      return decoded !== undefined && safe(decoded, host) ? decoded : label
    })
    .join('.')
}
