/** `nokkel account create`: a new account, its circle and its keychain, on the first device (A4). */
import { hostname } from 'node:os'
import { defineCommand } from '../command.ts'
import { openClient, withProgress } from '../connect.ts'
import { choosePasscode, newAccountPassword } from '../input/proofs.ts'
import { accountOptions, requireAccount } from '../account-options.ts'

export const command = defineCommand({
  options: {
    ...accountOptions,
    region: { type: 'string', value: 'NO', about: 'option.region' },
    phone: { type: 'string', value: '+47…', about: 'option.phone' },
  },
  async run(context, { values }) {
    const account = requireAccount(context, values)
    const password = await newAccountPassword(context)
    const passcode = await choosePasscode(context)
    const client = await openClient(context)
    try {
      const details = {
        ...account,
        password,
        passcode,
        deviceName: values['device-name'] ?? hostname(),
        ...(values.region !== undefined && { region: values.region.toUpperCase() }),
        ...(values.phone !== undefined && { phone: values.phone.replace(/[\s-]/g, '') }),
      }
      const status = await withProgress(context, (options) => client.createAccount(details, options))
      if (context.json) context.out.json(status)
      else context.out.print(context.messages.t('done.account-created', { name: status.deviceName ?? '' }))
    } finally {
      await client.close()
    }
  },
})
