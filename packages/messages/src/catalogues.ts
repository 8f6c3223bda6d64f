/** The two catalogues, put together from their parts. A part is a file for each language, `en/` being the one that is mirrored. */
import type { Mirror } from './catalogue.ts'
import { cliEn } from './en/cli.ts'
import { errorsEn } from './en/errors.ts'
import { extensionEn } from './en/extension.ts'
import { helpEn } from './en/help.ts'
import { itemsEn } from './en/items.ts'
import { labelsEn } from './en/labels.ts'
import { screensEn } from './en/screens.ts'
import { sharedEn } from './en/shared.ts'
import { webEn } from './en/web.ts'
import { cliNb } from './nb/cli.ts'
import { errorsNb } from './nb/errors.ts'
import { extensionNb } from './nb/extension.ts'
import { helpNb } from './nb/help.ts'
import { itemsNb } from './nb/items.ts'
import { labelsNb } from './nb/labels.ts'
import { screensNb } from './nb/screens.ts'
import { sharedNb } from './nb/shared.ts'
import { webNb } from './nb/web.ts'

export const en = {
  words: { ...labelsEn, ...sharedEn, ...cliEn, ...helpEn, ...screensEn, ...itemsEn, ...webEn, ...extensionEn },
  errors: errorsEn,
} as const
export const nb: Mirror<typeof en> = {
  words: { ...labelsNb, ...sharedNb, ...cliNb, ...helpNb, ...screensNb, ...itemsNb, ...webNb, ...extensionNb },
  errors: errorsNb,
}
