/** `nokkel policy show`: what devices in browsers may do with the keychain (SPEC CIR-23). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { printPolicy } from '../output/policy.ts'

export const command = defineCommand({
  async run(context) {
    await withKeychain(context, async (client) => printPolicy(context, await client.classPolicy()))
  },
})
