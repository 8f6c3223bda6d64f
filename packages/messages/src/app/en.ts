/** The web app's catalogue, in English. */
import { errorsEn } from '../en/errors.ts'
import { itemsEn } from '../en/items.ts'
import { labelsEn } from '../en/labels.ts'
import { screensEn } from '../en/screens.ts'
import { sharedEn } from '../en/shared.ts'
import { transferEn } from '../en/transfer.ts'
import { webEn } from '../en/web.ts'

export const appEn = {
  words: { ...labelsEn, ...sharedEn, ...screensEn, ...itemsEn, ...webEn },
  errors: errorsEn,
  transfer: transferEn,
} as const
