/** `nokkel unlock`: checks the passcode and starts the agent, so that the next commands ask for nothing. */
import { NokkelError } from '@nokkel/base'
import { startAgent } from '../agent/ask-agent.ts'
import { defineCommand } from '../command.ts'
import { openClient, unlockByPasscode } from '../connect.ts'
import { hasKeychain } from '../home.ts'

export const command = defineCommand({
  async run(context) {
    const { env, home, json, messages, out } = context
    if (!hasKeychain(home)) throw new NokkelError('not-signed-in')
    const client = await openClient(context)
    try {
      if ((await client.state()) === 'empty') throw new NokkelError('not-signed-in')
      await unlockByPasscode(context, client)
      const { autoLockMinutes } = await client.settings()
      const key = client.unlockKey()
      try {
        await startAgent(home, env, key, autoLockMinutes)
      } finally {
        key.destroy()
      }
      if (json) out.json({ unlocked: true, autoLockMinutes })
      else out.print(messages.t('done.unlocked', { count: autoLockMinutes }))
    } finally {
      await client.close()
    }
  },
})
