/** `nokkel recovery-key check`: is the paper still good? A slip is found here, and nothing is sent (F10). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { recoveryKey } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const fits = await client.checkRecoveryKey(await recoveryKey(context))
      if (json) out.json({ fits })
      else out.print(messages.t(fits ? 'recovery-key.fits' : 'recovery-key.unfit'))
    })
  },
})
