/** `nokkel security-code forgot`: the way from here (F6). On a trusted device nothing is lost; elsewhere the ways that are left, in order. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { listWays } from '../ways-back.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const trusted = (await client.state()) === 'trusted'
      if (!trusted) return listWays(context, client, { heading: messages.t('security-code.forgot-untrusted'), without: 'security-code' })
      if (json) out.json({ trusted, next: 'security-code change' })
      else out.print(messages.t('security-code.forgot-trusted'))
    })
  },
})
