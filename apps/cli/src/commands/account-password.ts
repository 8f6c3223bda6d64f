/** `nokkel account password`: a new password for the account; no other secret changes, and all other devices sign in again (SIG-9). */
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import { accountPassword, anotherAccountPassword } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const before = await accountPassword(context)
      const after = await anotherAccountPassword(context)
      await withProgress(context, () => client.changeAccountPassword(before, after))
      if (json) out.json({ changed: true })
      else out.print(messages.t('done.password-changed'))
    })
  },
})
