/** `nokkel account delete`: asks for the account to be erased; there are 14 days to take it back (H2). */
import { confirmByEmail } from '../confirm-by-email.ts'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  options: { confirm: { type: 'string', value: 'EMAIL', about: 'option.confirm' } },
  async run(context, { values }) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await confirmByEmail(context, client, values.confirm, 'warn.account-delete')
      const dueMs = await client.deleteAccount()
      if (json) out.json({ dueMs })
      else out.print(messages.t('done.deletion-asked', { time: messages.dateTime(dueMs) }))
    })
  },
})
