/** `nokkel number remove`: a further trusted number that is not one's own any more. The verification number itself is changed, not removed (F4). */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'

export const command = defineCommand({
  positionals: [{ name: 'NUMBER' }],
  async run(context, { positionals }) {
    const { json, messages, out } = context
    const wanted = (positionals[0] as string).replaceAll(/[^0-9]/g, '')
    await withKeychain(context, async (client) => {
      const { further } = await client.number()
      // whole, or as few of its last digits as tell it from the others
      const found = further.filter(({ number, end }) => (number ?? end).endsWith(wanted))
      const [one] = found
      if (one === undefined || wanted.length < 2) throw new NokkelError('not-found', { what: 'number' })
      if (found.length > 1) throw new NokkelError('ambiguous', { what: 'number' })
      await client.removeNumber(one.id, { passcode: await passcode(context) })
      if (json) out.json({ removed: one.end })
      else out.print(messages.t('number.removed', { lastDigits: one.end }))
    })
  },
})
