/** `nokkel restore`: back from "recently deleted" (B5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'ITEM' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const { id, title } = await findItem(client, positionals[0] as string, 'deleted')
      await client.restoreItem(id)
      if (json) out.json({ id, restored: true })
      else out.print(messages.t('done.restored', { title }))
    })
  },
})
