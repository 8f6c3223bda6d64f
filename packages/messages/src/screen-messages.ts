/** What the web app and the extension both say, as types: the parts that both show (`@nokkel/ui`) take either's words. No words here. */
import type { itemsEn } from './en/items.ts'
import type { labelsEn } from './en/labels.ts'
import type { screensEn } from './en/screens.ts'
import type { sharedEn } from './en/shared.ts'
import type { MessagesOf } from './messages-of.ts'

export type ScreenMessages = MessagesOf<typeof labelsEn & typeof sharedEn & typeof screensEn>
/** and what an item says that is looked at or edited */
export type ItemMessages = MessagesOf<typeof labelsEn & typeof sharedEn & typeof screensEn & typeof itemsEn>
