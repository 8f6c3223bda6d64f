/** The words for import in both languages. */
import { transferEn } from './en/transfer.ts'
import { transferNb } from './nb/transfer.ts'

export const transferMessages = { en: transferEn, nb: transferNb } as const
