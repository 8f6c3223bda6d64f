/**
 * The `passwordrules` attribute and feed entries, as constraints in plain data that the keychain's generator can take.
 * Grammar: Apple's "Customizing Password AutoFill Rules". Unknown properties are skipped, hostile lengths are bounded.
 */

export interface PasswordRules {
  /** 1 to 128, if the site said so. */
  readonly minLength?: number
  readonly maxLength?: number
  /** Longest run of one character. */
  readonly maxConsecutive?: number
  /** At least one character of each set. */
  readonly required: readonly string[]
  /** All characters that may be used, `required` included. Never empty. */
  readonly allowed: string
}

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'
const lower = upper.toLowerCase()
const digit = '0123456789'
const special = '-~!@#$%^&*_+=`|(){}[:;"\'<>,.?] '
const named: Readonly<Record<string, string>> = { upper, lower, digit, special, 'ascii-printable': '', unicode: '' }
const longestText = 1024
const longestPassword = 128

function printable(): string {
  let all = ''
  for (let code = 0x20; code < 0x7f; code++) all += String.fromCharCode(code)
  return all
}

/** Splits at `mark` outside of brackets. A `]` closes; the class `[]]` and `[-]]` may hold one at its end. */
function split(text: string, mark: string): string[] {
  const parts: string[] = []
  let part = ''
  let inside = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    if (!inside && char === '[') inside = true
    else if (inside && char === ']' && text[at + 1] !== ']') inside = false
    if (char === mark && !inside) {
      parts.push(part)
      part = ''
    } else part += char
  }
  parts.push(part)
  return parts.map((each) => each.trim()).filter((each) => each !== '')
}

function charactersOf(value: string): string {
  let set = ''
  for (const part of split(value, ',')) {
    const word = part.toLowerCase()
    if (word === 'ascii-printable' || word === 'unicode') set += printable()
    else if (Object.hasOwn(named, word)) set += named[word] ?? ''
    else if (part.startsWith('[') && part.endsWith(']')) set += part.slice(1, -1).replace(/[^\x20-\x7e]/g, '')
  }
  return [...new Set(set)].join('')
}

function whole(value: string, ceiling: number): number | undefined {
  if (!/^\d{1,6}$/.test(value)) return undefined
  const number = Number(value)
  return number < 1 ? undefined : Math.min(number, ceiling)
}

/** undefined: nothing usable was said. A maximum below the minimum is dropped. */
export function parsePasswordRules(text: string): PasswordRules | undefined {
  if (text.length > longestText) return undefined
  const required: string[] = []
  let allowed = ''
  let minLength: number | undefined
  let maxLength: number | undefined
  let maxConsecutive: number | undefined
  let said = false
  for (const rule of split(text, ';')) {
    const colon = rule.indexOf(':')
    if (colon < 0) continue
    const name = rule.slice(0, colon).trim().toLowerCase()
    const value = rule.slice(colon + 1).trim()
    if (name === 'required' || name === 'allowed') {
      const set = charactersOf(value)
      if (set === '') continue
      if (name === 'required') required.push(set)
      else allowed += set
    } else if (name === 'minlength') minLength = Math.max(minLength ?? 0, whole(value, longestPassword) ?? 0) || minLength
    else if (name === 'maxlength') maxLength = Math.min(maxLength ?? longestPassword, whole(value, longestPassword) ?? longestPassword)
    else if (name === 'max-consecutive') maxConsecutive = whole(value, longestPassword)
    else continue
    said = true
  }
  if (!said) return undefined
  if (minLength !== undefined && maxLength !== undefined && maxLength < minLength) maxLength = undefined
  const all = [...new Set(allowed + required.join(''))].join('')
  return {
    ...(minLength === undefined ? {} : { minLength }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(maxConsecutive === undefined ? {} : { maxConsecutive }),
    required,
    // nothing said about characters: what every site takes
    allowed: all === '' ? upper + lower + digit + '-' : all,
  }
}
