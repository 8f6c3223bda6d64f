/**
 * Door `@nokkel/messages/items`: the words of an item that is looked at or edited in the extension's popup, in both languages. The popup loads them
 * with the first item that is opened; until then it reads the door `./extension` alone.
 */
import type { Mirror } from './catalogue.ts'
import { errorsEn } from './en/errors.ts'
import { itemsEn } from './en/items.ts'
import { labelsEn } from './en/labels.ts'
import { screensEn } from './en/screens.ts'
import { sharedEn } from './en/shared.ts'
import { createMessagesOf, type Language } from './messages-of.ts'
import { errorsNb } from './nb/errors.ts'
import { itemsNb } from './nb/items.ts'
import { labelsNb } from './nb/labels.ts'
import { screensNb } from './nb/screens.ts'
import { sharedNb } from './nb/shared.ts'
import type { ItemMessages } from './screen-messages.ts'

const en = { words: { ...labelsEn, ...sharedEn, ...screensEn, ...itemsEn }, errors: errorsEn } as const
const nb: Mirror<typeof en> = { words: { ...labelsNb, ...sharedNb, ...screensNb, ...itemsNb }, errors: errorsNb }

export function createItemMessages(language: Language): ItemMessages {
  const { words, errors } = language === 'nb' ? nb : en
  const mirrored: Mirror<(typeof en)['words']> = words
  return createMessagesOf(language, { words: mirrored as (typeof en)['words'], errors, transfer: {} })
}
