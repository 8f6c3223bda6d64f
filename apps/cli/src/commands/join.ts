/** `nokkel join`: asks the trusted devices for approval (A5). Standard output gets the request and its code at once. */
import { askApproval } from '../ask-approval.ts'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  options: { wait: { type: 'boolean', about: 'option.wait' }, qr: { type: 'boolean', about: 'option.join-qr' } },
  async run(context, { values }) {
    const afterwards = await withKeychain(context, (client) => askApproval(context, client, values), { quiet: true })
    await afterwards()
  },
})
