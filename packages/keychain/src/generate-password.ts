/**
 * Strong passwords in the shape people know from Apple (E7): 20 characters, three groups of six divided by hyphens, each group two
 * consonant-vowel-consonant syllables; one letter upper case, one place a digit. 71 bits.
 */
import { randomBelow, type Random } from '@nokkel/base'

const consonants = 'bcdfghjkmnpqrstvwxz'
const vowels = 'aeiouy'
const digits = '0123456789'
/** first or last letter of a group, but not the very first letter of the password, where rules often forbid digits */
const digitPlaces = [5, 7, 12, 14, 19] as const

function pick(random: Random, from: string): string {
  return from.charAt(randomBelow(random, from.length))
}

export function generatePassword(random: Random): string {
  const syllable = () => pick(random, consonants) + pick(random, vowels) + pick(random, consonants)
  const group = () => syllable() + syllable()
  const characters = [...`${group()}-${group()}-${group()}`]
  const digitAt = digitPlaces[randomBelow(random, digitPlaces.length)] as number
  characters[digitAt] = pick(random, digits)
  const letters = characters.flatMap((character, at) => (/[a-z]/.test(character) ? [at] : []))
  const upperAt = letters[randomBelow(random, letters.length)] as number
  characters[upperAt] = (characters[upperAt] as string).toUpperCase()
  return characters.join('')
}
