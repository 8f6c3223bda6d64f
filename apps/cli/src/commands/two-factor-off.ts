/** `nokkel two-factor off`: needs this device's passcode and a code by SMS, since the number is what is left before the security code (F1, F3). */
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { passcode } from '../input/proofs.ts'
import { typeSentCode } from '../verification-code.ts'

export const command = defineCommand({
  async run(context) {
    const { json, messages, out } = context
    await withKeychain(context, async (client) => {
      if ((await client.state()) !== 'trusted') throw new NokkelError('not-trusted')
      const proof = { passcode: await passcode(context) }
      await client.checkPasscode(proof.passcode)
      if ((await client.twoFactor()).on) {
        await typeSentCode(context, client, {
          send: () => client.sendVerification('two-factor'),
          check: (id, code) => client.checkVerification(id, code, 'two-factor'),
        })
        await client.setTwoFactor(false, proof)
      }
      if (json) return out.json({ on: false })
      out.print(messages.t('two-factor.off'))
      out.note(messages.t('two-factor.now-code'))
    })
  },
})
