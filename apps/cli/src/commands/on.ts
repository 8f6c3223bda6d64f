/**
 * `nokkel on`: turns the keychain on again where it was turned off, this device was removed, or the keychain was reset: signs in with the
 * account's password and asks for approval. A kept copy is merged after that, without duplicates (D2); one of a keychain that was reset
 * only when the person says so (D4). Off everywhere, there is nobody to approve: this device starts the keychain anew (D3).
 */
import { isNokkelError, NokkelError } from '@nokkel/base'
import type { Client, DeviceState } from '@nokkel/client'
import { askApproval } from '../ask-approval.ts'
import { defineCommand } from '../command.ts'
import { unlockByPasscode, withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'
import { accountPassword, passcode } from '../input/proofs.ts'
import { usageError } from '../usage.ts'

export const command = defineCommand({
  options: {
    wait: { type: 'boolean', about: 'option.wait' },
    merge: { type: 'boolean', about: 'option.merge' },
    discard: { type: 'boolean', about: 'option.discard' },
  },
  async run(context, { values }) {
    if (values.merge && values.discard) throw usageError('not-together', { option: '--merge', other: '--discard' })
    const afterwards = await withKeychain(
      context,
      async (client) => {
        const { state, server, email, deviceName, items } = await client.status()
        if (state === 'trusted') throw new NokkelError('already-on')
        let password: string | undefined
        const signIn = async (): Promise<DeviceState> => {
          if (server === null || email === null) throw new NokkelError('not-signed-in')
          const copy = values.merge
            ? 'merge'
            : values.discard
              ? 'discard'
              : state === 'reset' && items > 0
                ? await askCopy(context)
                : undefined
          password ??= await accountPassword(context)
          const details = {
            server,
            email,
            password,
            passcode: await passcode(context),
            deviceName: deviceName ?? '',
            ...(copy && { copy }),
          }
          const status = await withProgress(context, (options) => client.signIn(details, options))
          if (status.state === 'locked') await unlockByPasscode(context, client)
          return client.state()
        }
        if (state !== 'signed-in') await signIn()
        let isOff: boolean
        try {
          isOff = await client.isOffEverywhere()
        } catch (error) {
          if (!isNokkelError(error, 'session-invalid')) throw error
          // it began anew already, and only the answer was lost (LIF-2); or somebody else did, and this device asks there
          if ((await signIn()) === 'trusted') return startedAnew(context, (await client.status()).items)
          isOff = await client.isOffEverywhere()
        }
        if (isOff) return startAnew(context, client, password ?? (await accountPassword(context)))
        return askApproval(context, client, { wait: values.wait, qr: false })
      },
      { quiet: true },
    )
    await afterwards()
  },
})

async function startAnew(context: Context, client: Client, password: string): Promise<() => Promise<void>> {
  const { items } = await withProgress(context, (options) => client.resetKeychain({ password, from: 'device' }, options))
  return startedAnew(context, items)
}

function startedAnew({ json, messages, out }: Context, items: number): () => Promise<void> {
  if (json) out.json({ on: true, anew: true, items })
  else out.print(messages.t('done.started-anew', { count: items }))
  return async () => {}
}

async function askCopy({ messages, prompt }: Context): Promise<'merge' | 'discard'> {
  if (!prompt.interactive) throw usageError('needs-choice', { option: '--merge', other: '--discard' })
  for (;;) {
    const answer = (await prompt.line(messages.t('ask.reset-copy'))).trim().toLowerCase()
    if (answer === 'merge' || answer === messages.t('answer.merge')) return 'merge'
    if (answer === 'discard' || answer === messages.t('answer.discard')) return 'discard'
  }
}
