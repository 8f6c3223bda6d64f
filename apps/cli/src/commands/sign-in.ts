/** `nokkel sign-in`: with the account's password; the device is then signed in but not trusted, unless it still is a member (A5). */
import { hostname } from 'node:os'
import { defineCommand } from '../command.ts'
import { openClient, withProgress } from '../connect.ts'
import { accountPassword, choosePasscode, passcode } from '../input/proofs.ts'
import { accountOptions, requireAccount } from '../account-options.ts'

export const command = defineCommand({
  options: accountOptions,
  async run(context, { values }) {
    const account = requireAccount(context, values)
    const client = await openClient(context)
    try {
      const isNew = (await client.state()) === 'empty'
      const password = await accountPassword(context)
      const details = {
        ...account,
        password,
        passcode: isNew ? await choosePasscode(context) : await passcode(context),
        deviceName: values['device-name'] ?? hostname(),
      }
      const status = await withProgress(context, (options) => client.signIn(details, options))
      const { out, messages } = context
      if (context.json) out.json(status)
      else out.print(messages.t(status.state === 'trusted' ? 'done.signed-in-trusted' : 'done.signed-in'))
    } finally {
      await client.close()
    }
  },
})
