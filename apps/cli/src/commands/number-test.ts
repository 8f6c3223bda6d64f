/** `nokkel number test`: does an SMS arrive? Nothing changes (F4, F8). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { typeSentCode } from '../verification-code.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await typeSentCode(context, client, {
        send: () => client.sendVerification('number-test'),
        check: (id, code) => client.checkVerification(id, code, 'number-test'),
      })
      if (json) out.json({ arrives: true })
      else out.print(messages.t('number.works'))
    })
  },
})
