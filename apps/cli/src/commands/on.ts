/**
 * `nokkel on`: turns the keychain on again where it was turned off or this device was removed: signs in with the account's
 * password and asks for approval. A kept copy is merged after that, without duplicates (D2).
 */
import { NokkelError } from '@nokkel/base'
import { askApproval } from '../ask-approval.ts'
import { defineCommand } from '../command.ts'
import { unlockByPasscode, withKeychain, withProgress } from '../connect.ts'
import { accountPassword, passcode } from '../input/proofs.ts'

export const command = defineCommand({
  options: { wait: { type: 'boolean', about: 'option.wait' } },
  async run(context, { values }) {
    const afterwards = await withKeychain(
      context,
      async (client) => {
        const { state, server, email, deviceName } = await client.status()
        if (state === 'trusted') throw new NokkelError('already-on')
        if (state !== 'signed-in') {
          if (server === null || email === null) throw new NokkelError('not-signed-in')
          const details = {
            server,
            email,
            password: await accountPassword(context),
            passcode: await passcode(context),
            deviceName: deviceName ?? '',
          }
          const status = await withProgress(context, (options) => client.signIn(details, options))
          if (status.state === 'locked') await unlockByPasscode(context, client)
        }
        return askApproval(context, client, values.wait)
      },
      { quiet: true },
    )
    await afterwards()
  },
})
