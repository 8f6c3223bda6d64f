/**
 * Codes that a machine makes and a person copies by hand: 32 characters without I, O, 0 and 1, in groups of four (F3, F10).
 * Reading is forgiving where it cannot be wrong: case, spaces and hyphens of any kind.
 */
import type { Random } from '@nokkel/base'

export const codeAlphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
const groupLength = 4

/** The number of each character in the alphabet; `at` is the place of the first one that is in no such code, counted from 0. */
export type ReadCode = { readonly values: readonly number[] } | { readonly at: number }

export function readCode(text: string): ReadCode {
  const values: number[] = []
  for (const character of text.normalize('NFKC').toUpperCase()) {
    if (/[\s\p{Pd}\u2212]/u.test(character)) continue
    const value = codeAlphabet.indexOf(character)
    if (value < 0) return { at: values.length }
    values.push(value)
  }
  return { values }
}

export function writeCode(values: readonly number[]): string {
  return values.map((value) => codeAlphabet.charAt(value)).join('')
}

export function groupCode(canonical: string): string {
  const groups: string[] = []
  for (let i = 0; i < canonical.length; i += groupLength) groups.push(canonical.slice(i, i + groupLength))
  return groups.join('-')
}

/** `length` characters of five random bits each: 32 divides 256, so a byte's low bits are uniform. */
export function randomValues(random: Random, length: number): number[] {
  return [...random.bytes(length)].map((byte) => byte & 31)
}
