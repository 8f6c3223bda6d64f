/** Query parameters, strictly. */
import { NokkelError } from '@nokkel/base'

/** A whole number in [least, 2^53); `absent` when the parameter is missing. Throws `malformed`. */
export function integerOf(text: string | undefined, what: string, least: number, absent: number): number {
  if (text === undefined) return absent
  const value = Number(text)
  if (!/^-?\d{1,16}$/.test(text) || !Number.isSafeInteger(value) || value < least) throw new NokkelError('malformed', { what })
  return value
}
