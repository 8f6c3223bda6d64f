/** `nokkel number add`: one more trusted number, so that a lost telephone is no lost way back; a code goes there first (F2). */
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
      let lastDigits = ''
      await typeSentCode(context, client, {
        send: async () => {
          const sent = await client.addNumber(number, proof)
          lastDigits = sent.lastDigits
          return sent
        },
        check: (id, code) => client.confirmAddedNumber(id, code),
      })
      if (json) out.json({ added: lastDigits })
      else out.print(messages.t('number.added', { lastDigits }))
    })
  },
})
