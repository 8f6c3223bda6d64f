/** `nokkel recovery-key create`: a new recovery key, shown this once, and a page to print (F10). */
import { defineCommand } from '../command.ts'
import { giveRecoveryKey, pageOption } from '../recovery-page.ts'

export const command = defineCommand({
  options: pageOption,
  run: (context, { values }) => giveRecoveryKey(context, values.page, false),
})
