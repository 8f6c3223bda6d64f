/** `nokkel sign-out`: for a device that is not (or no longer) trusted. A trusted one turns the keychain off instead. */
import { isNokkelError, NokkelError } from '@nokkel/base'
import { lockAgents } from '../agent/ask-agent.ts'
import { endWaiting } from '../background/waiting.ts'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'

export const command = defineCommand({
  async run(context) {
    const { env, home, json, messages, out } = context
    await withKeychain(
      context,
      async (client) => {
        try {
          await client.signOut()
        } catch (error) {
          throw isNokkelError(error, 'already-trusted') ? new NokkelError('already-trusted', { reason: 'sign-out' }) : error
        }
      },
      { quiet: true },
    )
    endWaiting(home)
    await lockAgents(home, env)
    if (json) out.json({ signedOut: true })
    else out.print(messages.t('done.signed-out'))
  },
})
