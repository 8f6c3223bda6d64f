/** `nokkel account export`: everything that the server holds on the account and can read, as JSON on standard output (H2). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    await withKeychain(context, async (client) => context.out.json(await client.exportServerData()))
  },
})
