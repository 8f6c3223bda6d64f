/** All words of a language, for programs that are on the disk anyway. Apps that come over the network take the door `./app`. */
import type { Mirror, ParamsOf } from './catalogue.ts'
import { en, nb } from './catalogues.ts'
import { createMessagesOf, type Language, type MessagesOf } from './messages-of.ts'
import { transferMessages } from './transfer.ts'

type Words = (typeof en)['words']
export type MessageKey = keyof Words
export type MessageParams<K extends MessageKey> = ParamsOf<Words[K]>
export type Messages = MessagesOf<Words>

export function createMessages(language: Language): Messages {
  const { words, errors } = language === 'nb' ? nb : en
  const mirrored: Mirror<Words> = words
  return createMessagesOf(language, { words: mirrored as Words, errors, transfer: transferMessages[language] })
}
