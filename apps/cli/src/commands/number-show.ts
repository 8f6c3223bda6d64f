/** `nokkel number show`: the verification number, whole on a trusted device, and what the support is doing about it (F4, F5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      const { number, numberEnd, further } = await client.number()
      const { supportCase } = await client.twoFactor()
      if (json) return out.json({ number, numberEnd, further, supportCase })
      if (numberEnd === null) out.print(messages.t('number.none'))
      else out.print(number ?? messages.t('number.end', { lastDigits: numberEnd }))
      for (const other of further) out.print(messages.t('number.further', { number: other.number ?? `… ${other.end}` }))
      if (supportCase === null) return
      const state = messages.label('support', supportCase.state)
      out.note(messages.t('number.support', { state, time: supportCase.dueMs === null ? '' : messages.dateTime(supportCase.dueMs) }))
    })
  },
})
