/** Names that nobody guesses: of an offer at a field, a question in a window, a choice. */
import { systemRandom, toBase64url } from '@nokkel/base'

export function makeToken(): string {
  return toBase64url(systemRandom.bytes(16))
}
