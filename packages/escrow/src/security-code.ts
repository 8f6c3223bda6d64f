/**
 * Security codes (F3): six digits, a longer code of one's own, or a random one of 24 characters. What is too weak is refused with one
 * of a closed set of reasons. The realms allow ten guesses, so the point is not length but not to be among the first ten.
 */
import { NokkelError, type Random } from '@nokkel/base'
import { groupCode, randomValues, readCode, writeCode } from './code-text.ts'
import { commonDigits, commonWords } from './common-codes.ts'
import type { CodeKind } from './realm/statement.ts'

export const weakCodeReasons = [
  'too-short',
  'too-long',
  'not-digits',
  'one-character',
  'run',
  'pairs',
  'repeated',
  'common',
  'too-simple',
] as const
export type WeakCodeReason = (typeof weakCodeReasons)[number]

export const digitsLength = 6
export const randomCodeLength = 24
const least = 6
const most = 128
/** bits that a code of letters and digits must have by a generous count */
const leastBits = 35

/** Null = strong enough. `passcode` is judged where passcodes are set, and only held to the length here. */
export function securityCodeWeakness(kind: CodeKind, code: string): WeakCodeReason | null {
  if (kind === 'random') return findRandomCode(code) === null ? 'too-short' : null
  const text = code.normalize('NFKC')
  const characters = [...text]
  if (characters.length > most) return 'too-long'
  if (kind === 'passcode') return characters.length === 0 ? 'too-short' : null
  const onlyDigits = /^[0-9]*$/.test(text)
  if (kind === 'digits' && !onlyDigits) return 'not-digits'
  if (characters.length < least) return 'too-short'
  if (kind === 'digits' && characters.length > digitsLength) return 'too-long'
  return shapeWeakness(characters) ?? (onlyDigits ? (commonDigits.has(text) ? 'common' : null) : mixedWeakness(text, characters))
}

function shapeWeakness(characters: readonly string[]): WeakCodeReason | null {
  if (new Set(characters).size === 1) return 'one-character'
  if (isRun(characters)) return 'run'
  const text = characters.join('')
  if (characters.length % 2 === 0 && characters.every((character, i) => i % 2 === 0 || character === characters[i - 1])) return 'pairs'
  for (let size = 2; size <= characters.length / 2; size++) {
    if (
      characters.length % size === 0 &&
      characters
        .slice(0, size)
        .join('')
        .repeat(characters.length / size) === text
    )
      return 'repeated'
  }
  return null
}

/** Rising or falling by one, 9 followed by 0 and 0 by 9 included. */
function isRun(characters: readonly string[]): boolean {
  const codes = characters.map((character) => character.codePointAt(0) as number)
  const digits = characters.every((character) => /[0-9]/.test(character))
  return [1, -1].some((step) =>
    codes.every(
      (code, i) =>
        i === 0 || code - (codes[i - 1] as number) === step || (digits && (code - (codes[i - 1] as number) - step + 20) % 10 === 0),
    ),
  )
}

function mixedWeakness(text: string, characters: readonly string[]): WeakCodeReason | null {
  const stem = text.toLowerCase().replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  if (
    commonWords.has(stem) ||
    commonWords.has(stem.replaceAll('0', 'o').replaceAll('1', 'i').replaceAll('3', 'e').replaceAll('@', 'a').replaceAll('$', 's'))
  )
    return 'common'
  return bitsOf(characters) < leastBits ? 'too-simple' : null
}

/** Characters that repeat the one before or go on from it by one count nothing. */
function bitsOf(characters: readonly string[]): number {
  const text = characters.join('')
  let pool = 0
  if (/[a-zæøå]/.test(text)) pool += 26
  if (/[A-ZÆØÅ]/.test(text)) pool += 26
  if (/[0-9]/.test(text)) pool += 10
  if (/[^a-zA-Z0-9æøåÆØÅ]/.test(text)) pool += 33
  const counted = characters.filter((character, i) => {
    const before = characters[i - 1]?.codePointAt(0)
    return before === undefined || Math.abs((character.codePointAt(0) as number) - before) > 1
  })
  return counted.length * Math.log2(pool)
}

/** 120 random bits in six groups of four, to be written down. */
export function generateRandomCode(random: Random): string {
  return groupCode(writeCode(randomValues(random, randomCodeLength)))
}

function findRandomCode(text: string): string | null {
  const read = readCode(text)
  return 'values' in read && read.values.length === randomCodeLength ? writeCode(read.values) : null
}

/**
 * What is stretched: the code as it was typed, but for what a person may type in more than one way and mean the same.
 * Throws `weak-passcode` for what cannot be a code of this kind: a slip that must cost no guess.
 */
export function canonicalCode(kind: CodeKind, code: string): string {
  if (kind === 'random') {
    const canonical = findRandomCode(code)
    if (canonical === null) throw new NokkelError('weak-passcode', { reason: 'too-short' })
    return canonical
  }
  const text = code.normalize('NFKC')
  if (kind !== 'digits') return text
  const digits = text.replaceAll(/[\s\p{Pd}]/gu, '')
  if (!/^[0-9]*$/.test(digits)) throw new NokkelError('weak-passcode', { reason: 'not-digits' })
  if (digits.length !== digitsLength)
    throw new NokkelError('weak-passcode', { reason: digits.length < digitsLength ? 'too-short' : 'too-long' })
  return digits
}
