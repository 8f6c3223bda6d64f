/**
 * Hidden: what a shell asks while completing. Prints titles or names, one a line, and nothing at all where the keychain is locked:
 * completing must never ask for a passcode, wait for a network or fail.
 */
import { isNokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { openClient, unlockByAgent } from '../connect.ts'
import { hasKeychain } from '../home.ts'
import { safeLine } from '../output/terminal-text.ts'

const most = 500

export const command = defineCommand({
  positionals: [{ name: 'NAME' }],
  async run(context, { positionals }) {
    if (!hasKeychain(context.home)) return
    const client = await openClient(context)
    try {
      if (!(await unlockByAgent(context, client))) return
      const names =
        positionals[0] === 'device'
          ? (await client.devices()).filter(({ status }) => status === 'active').map(({ name }) => name)
          : (await client.items({ limit: most })).map(({ title }) => title)
      for (const name of new Set(names.map(safeLine))) if (name !== '') context.out.raw(`${name}\n`)
    } catch (error) {
      if (!isNokkelError(error)) throw error
    } finally {
      await client.close()
    }
  },
})
