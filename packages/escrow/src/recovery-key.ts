/**
 * The recovery key (F10): 28 characters in seven groups of four, 130 random bits and two check characters, so that a slip of the pen or
 * the finger is told at once and on this device. It needs no code, no realm and no count: nobody can guess it.
 */
import { Secret, utf8, type Random } from '@nokkel/base'
import { deriveBytes } from '@nokkel/crypto'
import { appendCheckSymbols, checkSums } from './check-symbols.ts'
import { groupCode, randomValues, readCode, writeCode } from './code-text.ts'
import { memberFromSecret, type RecoveryMember } from './recovery-member.ts'

export const recoveryKeyLength = 28
const checkLength = 2
const label = 'nk/1/rk'

export type RecoveryKeyFault =
  /** `at` is the place of the character, counted from 0 without spaces and hyphens */
  | { readonly fault: 'character'; readonly at: number }
  | { readonly fault: 'length'; readonly length: number }
  | { readonly fault: 'checksum' }

export type ParsedRecoveryKey = { readonly fault: null; readonly member: RecoveryMember } | RecoveryKeyFault

/** In groups, to be shown and printed. Hold it no longer than that. */
export function generateRecoveryKey(random: Random): string {
  return groupCode(writeCode(appendCheckSymbols(randomValues(random, recoveryKeyLength - checkLength))))
}

/** Checks what was typed, without a network: null, or what is wrong. */
export function recoveryKeyFault(text: string): RecoveryKeyFault | null {
  const read = readCode(text)
  if ('at' in read) return { fault: 'character', at: read.at }
  if (read.values.length !== recoveryKeyLength) return { fault: 'length', length: read.values.length }
  const [plain, weighted] = checkSums(read.values)
  return plain === 0 && weighted === 0 ? null : { fault: 'checksum' }
}

/** The virtual member that the key is. */
export function parseRecoveryKey(text: string): ParsedRecoveryKey {
  const fault = recoveryKeyFault(text)
  if (fault !== null) return fault
  const read = readCode(text)
  const data = 'values' in read ? read.values.slice(0, recoveryKeyLength - checkLength) : []
  const secret = new Secret(deriveBytes(utf8(writeCode(data)), label, 32))
  const member = memberFromSecret(secret, label)
  secret.destroy()
  return { fault: null, member }
}
