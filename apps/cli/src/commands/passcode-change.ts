/** `nokkel passcode change`: the old passcode is asked for even where an agent holds the key (C1: changing security settings). */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { openClient } from '../connect.ts'
import { hasKeychain } from '../home.ts'
import { newPasscode, passcode } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { home, json, messages, out } = context
    if (!hasKeychain(home)) throw new NokkelError('not-signed-in')
    const client = await openClient(context)
    try {
      if ((await client.state()) === 'empty') throw new NokkelError('not-signed-in')
      const before = await passcode(context)
      await client.checkPasscode(before) // before a new one is thought of and typed twice
      await client.changePasscode(before, await newPasscode(context))
      if (json) out.json({ changed: true })
      else out.print(messages.t('done.passcode-changed'))
    } finally {
      await client.close()
    }
  },
})
