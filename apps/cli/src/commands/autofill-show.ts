/** `nokkel autofill show`: switches of filling and saving, and what was decided for a site, for all devices (E1, E2, E4). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { printAutofill } from '../output/autofill.ts'

export const command = defineCommand({
  async run(context) {
    await withKeychain(context, async (client) => printAutofill(context, await client.autofill()))
  },
})
