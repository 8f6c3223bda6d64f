/** `nokkel unlock`: checks the passcode and starts the agent, so that the next commands ask for nothing. */
import { NokkelError } from '@nokkel/base'
import { startAgent } from '../agent/ask-agent.ts'
import type { Client } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { openUnlocked, unlockByPasscode } from '../connect.ts'
import { hasKeychain } from '../home.ts'
import type { Context } from '../context.ts'

export const command = defineCommand({
  async run(context) {
    const { env, home, json, messages, out } = context
    if (!hasKeychain(home)) throw new NokkelError('not-signed-in')
    const client = await openUnlocked(context, unlockWithProof)
    try {
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

/** The passcode itself, also where an agent is running: it may be about to end. */
async function unlockWithProof(context: Context, client: Client): Promise<void> {
  if ((await client.state()) === 'empty') throw new NokkelError('not-signed-in')
  await unlockByPasscode(context, client)
}
