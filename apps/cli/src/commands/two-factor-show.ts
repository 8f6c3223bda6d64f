/** `nokkel two-factor show`: on or off, and on whose word (F1). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const { on, verified, numberEnd } = await client.twoFactor()
      if (json) return out.json({ on, verified, numberEnd })
      out.print(messages.t(on ? 'two-factor.on' : 'two-factor.off'))
      if (!verified) out.note(messages.t('two-factor.by-server'))
    })
  },
})
