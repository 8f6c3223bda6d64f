/** `nokkel number stop-support`: the support has a case about the number that this person did not ask for (F5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await client.stopSupportCase()
      if (json) out.json({ stopped: true })
      else out.print(messages.t('number.support-stopped'))
    })
  },
})
