/** `nokkel purge`: deletes an item for good, on all devices. Deleted ones are looked for first, because those are usually meant. */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'ITEM' }],
  options: { yes: { type: 'boolean', about: 'option.yes' } },
  async run(context, { values, positionals }) {
    const { json, messages, out, prompt } = context
    await withKeychain(context, async (client) => {
      const { id, title } = await findItem(client, positionals[0] as string, 'deleted-first')
      if (!values.yes && prompt.stdinIsTerminal && !(await prompt.confirm(messages.t('ask.purge', { title }))))
        throw new NokkelError('cancelled')
      await client.purgeItem(id)
      if (json) out.json({ id, purged: true })
      else out.print(messages.t('done.purged', { title }))
    })
  },
})
