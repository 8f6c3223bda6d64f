/**
 * `nokkel sign-in`: with the account's password; the device is then signed in but not trusted, unless it still is a member (A5). A copy of another
 * account's keychain that was kept here goes where the person says, or nothing happens (LIF-3).
 */
import { hostname } from 'node:os'
import { defineCommand } from '../command.ts'
import { openClient, withProgress } from '../connect.ts'
import { accountPassword, choosePasscode, passcode } from '../input/proofs.ts'
import { accountOptions, requireAccount } from '../account-options.ts'
import { usageError } from '../usage.ts'

export const command = defineCommand({
  options: {
    ...accountOptions,
    merge: { type: 'boolean', about: 'option.merge' },
    discard: { type: 'boolean', about: 'option.discard' },
  },
  async run(context, { values }) {
    if (values.merge && values.discard) throw usageError('not-together', { option: '--merge', other: '--discard' })
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
        ...(values.merge ? { copy: 'merge' as const } : values.discard ? { copy: 'discard' as const } : {}),
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
