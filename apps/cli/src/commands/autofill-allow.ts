/** `nokkel autofill allow`: fill and save on a site that asks not to (E4), or take that back; for all devices. */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { listedSite } from '../items/listed-site.ts'
import { printAutofill } from '../output/autofill.ts'

export const command = defineCommand({
  positionals: [{ name: 'SITE' }],
  options: { undo: { type: 'boolean', about: 'option.undo' } },
  async run(context, { values, positionals }) {
    const site = listedSite(positionals[0] ?? '')
    await withKeychain(context, async (client) =>
      printAutofill(context, await client.changeAutofill({ allowOff: { [values.undo ? 'remove' : 'add']: [site] } })),
    )
  },
})
