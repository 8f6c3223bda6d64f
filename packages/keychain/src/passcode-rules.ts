/**
 * Which passcodes and account passwords are too weak, and why (C1, A41). Local attackers with the disk can test passcodes at the
 * speed of Argon2id, so obvious ones are refused; the reason is one of a closed set so that it can be said in words.
 */
export type WeakReason = 'too-short' | 'one-character' | 'run' | 'repeated' | 'common' | 'too-long'

const passcodeLeast = 6
const passwordLeast = 10
const mostLength = 1_000

/** The first of every list of used passwords and codes. */
const common = new Set([
  'password',
  'passord',
  'passord1',
  'password1',
  'qwerty',
  'qwertyui',
  'qwertyuiop',
  'letmein',
  'iloveyou',
  'dragon',
  'monkey',
  'sommer',
  'welcome1',
  'velkommen',
  'hemmelig',
  '112233',
  '121212',
  '123321',
  '654321',
  '159753',
  '147258',
  '123123',
  '696969',
  'abc123',
  'password123',
  'passord123',
  'qwerty123',
  'administrator',
  '1q2w3e4r',
  '1q2w3e4r5t',
  'q1w2e3r4',
  'asdfghjkl',
  'zxcvbnm',
])

function isRun(text: string): boolean {
  const codes = [...text].map((character) => character.codePointAt(0) as number)
  return (
    [1, -1].some((step) => codes.every((code, i) => i === 0 || code - (codes[i - 1] as number) === step)) ||
    '01234567890'.includes(text) ||
    '09876543210'.includes(text)
  )
}

function isRepeated(text: string): boolean {
  for (let size = 2; size <= text.length / 2; size++)
    if (text.length % size === 0 && text.slice(0, size).repeat(text.length / size) === text) return true
  return false
}

function weakness(text: string, least: number): WeakReason | null {
  const normalised = text.normalize('NFKC')
  if ([...normalised].length < least) return 'too-short'
  if (normalised.length > mostLength) return 'too-long'
  if (new Set(normalised).size === 1) return 'one-character'
  if (isRun(normalised)) return 'run'
  if (common.has(normalised.toLowerCase())) return 'common'
  if (isRepeated(normalised)) return 'repeated'
  return null
}

export function passcodeWeakness(passcode: string): WeakReason | null {
  return weakness(passcode, passcodeLeast)
}

export function passwordWeakness(password: string): WeakReason | null {
  return weakness(password, passwordLeast)
}
