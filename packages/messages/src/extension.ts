/**
 * Door `@nokkel/messages/extension`: the words of the extension in both languages, and no other program's. A popup has a tenth of a second to be
 * there, and the words of the command line and of the web app would be most of what it reads first.
 */
import type { Mirror } from './catalogue.ts'
import { errorsEn } from './en/errors.ts'
import { extensionEn } from './en/extension.ts'
import { labelsEn } from './en/labels.ts'
import { screensEn } from './en/screens.ts'
import { sharedEn } from './en/shared.ts'
import { createMessagesOf, type Language, type MessagesOf } from './messages-of.ts'
import { errorsNb } from './nb/errors.ts'
import { extensionNb } from './nb/extension.ts'
import { labelsNb } from './nb/labels.ts'
import { screensNb } from './nb/screens.ts'
import { sharedNb } from './nb/shared.ts'

export { pickLanguage } from './pick-language.ts'

const en = { words: { ...labelsEn, ...sharedEn, ...screensEn, ...extensionEn }, errors: errorsEn } as const
const nb: Mirror<typeof en> = { words: { ...labelsNb, ...sharedNb, ...screensNb, ...extensionNb }, errors: errorsNb }

type Words = (typeof en)['words']
export type Messages = MessagesOf<Words>

export function createMessages(language: Language): Messages {
  const { words, errors } = language === 'nb' ? nb : en
  const mirrored: Mirror<Words> = words
  // nothing is imported in the extension
  return createMessagesOf(language, { words: mirrored as Words, errors, transfer: {} })
}
