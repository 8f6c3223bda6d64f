/** `nokkel realms accept`: the server names recovery services under other signers than before, and the person has asked and believes it (ESC-4). */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      if ((await client.state()) !== 'trusted') throw new NokkelError('not-trusted')
      await client.checkPasscode(await passcode(context))
      await client.acceptRealms()
      if (json) out.json({ accepted: true })
      else out.print(messages.t('realms.accepted'))
    })
  },
})
