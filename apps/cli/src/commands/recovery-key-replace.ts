/** `nokkel recovery-key replace`: a new recovery key; the old one is worthless from now on (F10). */
import { defineCommand } from '../command.ts'
import { giveRecoveryKey, pageOption } from '../recovery-page.ts'

export const command = defineCommand({
  options: pageOption,
  run: (context, { values }) => giveRecoveryKey(context, values.page, true),
})
