/**
 * Door `@nokkel/messages/app`: the words of the web app, one language at a time, and no other program's. What a browser loads before anybody
 * has signed in is mostly words: two languages of everything would be a third of it.
 */
import { createMessagesOf, type Language, type MessagesOf } from '../messages-of.ts'
import type { appEn } from './en.ts'

export type { ErrorText, Language } from '../messages-of.ts'
export { pickLanguage } from '../pick-language.ts'

export type AppWords = (typeof appEn)['words']
export type Messages = MessagesOf<AppWords>

export async function loadMessages(language: Language): Promise<Messages> {
  if (language === 'en') return createMessagesOf(language, (await import('./en.ts')).appEn)
  return createMessagesOf<AppWords>(language, (await import('./nb.ts')).appNb as typeof appEn)
}
