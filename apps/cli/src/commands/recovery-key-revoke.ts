/** `nokkel recovery-key revoke`: the key opens nothing any more (F10). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const revoked = await client.revokeRecoveryKey()
      if (json) out.json({ revoked })
      else out.print(messages.t(revoked ? 'recovery-key.revoked' : 'recovery-key.none'))
    })
  },
})
