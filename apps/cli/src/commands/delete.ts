/** `nokkel delete`: to "recently deleted", from where it can be restored for 30 days (B5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'ITEM', completes: 'item' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const { id, title } = await findItem(client, positionals[0] as string)
      await client.deleteItem(id)
      if (json) out.json({ id, deleted: true })
      else out.print(messages.t('done.deleted', { title }))
    })
  },
})
