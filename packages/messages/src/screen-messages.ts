/** What the web app and the extension both say, as a type: the parts that both show (`@nokkel/ui`) take either's words. No words here. */
import type { labelsEn } from './en/labels.ts'
import type { screensEn } from './en/screens.ts'
import type { sharedEn } from './en/shared.ts'
import type { MessagesOf } from './messages-of.ts'

export type ScreenMessages = MessagesOf<typeof labelsEn & typeof sharedEn & typeof screensEn>
