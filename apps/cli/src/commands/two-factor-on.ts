/** `nokkel two-factor on`: from then on the passcodes of the devices bring a new one back, and no security code does (F1, F2). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      await client.setTwoFactor(true, { passcode: await passcode(context) })
      if (json) out.json({ on: true })
      else out.print(messages.t('two-factor.on'))
    })
  },
})
