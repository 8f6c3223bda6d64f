/** `nokkel two-factor code`: shows a code here, to be typed on a device that waits (F2). Nothing is let in by it: the passcode comes after. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const { code, expiresMs } = await client.deviceCode()
      if (json) return out.json({ code, expiresMs })
      out.print(messages.t('two-factor.code', { code, time: messages.dateTime(expiresMs) }))
      out.note(messages.t('two-factor.code-warning'))
    })
  },
})
