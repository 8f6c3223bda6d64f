/** `nokkel number change`: a code goes to the new number first; the change is told to all devices and to the old number (F4, F5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'
import { typeSentCode } from '../verification-code.ts'

export const command = defineCommand({
  positionals: [{ name: 'NUMBER' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const number = positionals[0] as string
    await withKeychain(context, async (client) => {
      const proof = { passcode: await passcode(context) }
      await typeSentCode(context, client, {
        send: () => client.changeNumber(number, proof),
        check: (id, code) => client.confirmNumber(id, code),
      })
      const { numberEnd } = await client.number()
      if (json) out.json({ numberEnd })
      else out.print(messages.t('number.changed', { lastDigits: numberEnd ?? '' }))
    })
  },
})
