/** The web app's catalogue, in bokmål. */
import type { Mirror } from '../catalogue.ts'
import { errorsNb } from '../nb/errors.ts'
import { itemsNb } from '../nb/items.ts'
import { labelsNb } from '../nb/labels.ts'
import { screensNb } from '../nb/screens.ts'
import { sharedNb } from '../nb/shared.ts'
import { transferNb } from '../nb/transfer.ts'
import { webNb } from '../nb/web.ts'
import type { appEn } from './en.ts'

export const appNb: Mirror<typeof appEn> = {
  words: { ...labelsNb, ...sharedNb, ...screensNb, ...itemsNb, ...webNb },
  errors: errorsNb,
  transfer: transferNb,
}
