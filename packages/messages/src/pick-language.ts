/** Which of our languages somebody reads who has set these. */
import type { Language } from './messages-of.ts'

/**
 * `tags` in order of preference: BCP 47 tags or POSIX locale names, mixed and in any case. Bokmål, nynorsk and plain Norwegian
 * mean Norwegian bokmål, English means English, others are passed over; English when nothing fits.
 */
export function pickLanguage(tags: readonly string[]): Language {
  for (const tag of tags) {
    const primary = /^[a-z]+/.exec(tag.toLowerCase())?.[0]
    if (primary === 'nb' || primary === 'nn' || primary === 'no') return 'nb'
    if (primary === 'en') return 'en'
  }
  return 'en'
}
