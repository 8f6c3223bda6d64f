/** `nokkel security-code remove`: none from now on, so that only approval and the recovery key let a device in (F3). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await client.checkPasscode(await passcode(context))
      const removed = await client.removeSecurityCode()
      if (json) out.json({ removed })
      else out.print(messages.t(removed ? 'security-code.removed' : 'security-code.none'))
    })
  },
})
