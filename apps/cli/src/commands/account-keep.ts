/** `nokkel account keep`: takes the erasure of the account back (H2). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await client.keepAccount()
      if (json) out.json({ dueMs: null })
      else out.print(messages.t('done.deletion-taken-back'))
    })
  },
})
