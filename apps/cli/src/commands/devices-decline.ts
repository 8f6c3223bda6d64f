/** `nokkel devices decline`: says no to a device that asks to join. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { findRequest } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'REQUEST' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const request = await findRequest(client, positionals[0] as string)
      await client.decline(request.requestId)
      if (json) out.json({ requestId: request.requestId, declined: true })
      else out.print(messages.t('done.declined', { name: request.name }))
    })
  },
})
