/**
 * `nokkel reset`: a new keychain in place of the one in the cloud, with this device's items or empty; with `--local`, erases this device,
 * which is refused while the keychain is on here (D4).
 */
import { NokkelError } from '@nokkel/base'
import { lockAgents } from '../agent/ask-agent.ts'
import { confirmByEmail } from '../confirm-by-email.ts'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'
import { accountPassword } from '../input/proofs.ts'
import { usageError } from '../usage.ts'

export const command = defineCommand({
  options: {
    'from-device': { type: 'boolean', about: 'option.from-device' },
    empty: { type: 'boolean', about: 'option.empty' },
    local: { type: 'boolean', about: 'option.local' },
    confirm: { type: 'string', value: 'EMAIL', about: 'option.confirm' },
  },
  async run(context, { values }) {
    const chosen = (['from-device', 'empty', 'local'] as const).filter((name) => values[name])
    if (chosen.length > 1) throw usageError('not-together', { option: `--${chosen[0]}`, other: `--${chosen[1]}` })
    if (values.local) return eraseDevice(context, values.confirm)
    const { json, messages, out } = context
    const items = await withKeychain(
      context,
      async (client) => {
        const { state } = await client.status()
        if (state !== 'trusted' && state !== 'signed-in') throw new NokkelError(state === 'removed' ? 'device-removed' : 'keychain-off')
        const from = values.empty || (!values['from-device'] && (await askFrom(context)) === 'nothing') ? 'nothing' : 'device'
        await confirmByEmail(context, client, values.confirm, from === 'device' ? 'warn.reset-device' : 'warn.reset-empty')
        const password = await accountPassword(context)
        const status = await withProgress(context, (options) => client.resetKeychain({ password, from }, options))
        return status.items
      },
      { quiet: true },
    )
    if (json) out.json({ reset: true, items })
    else out.print(messages.t('done.reset', { count: items }))
  },
})

async function eraseDevice(context: Context, confirm: string | undefined): Promise<void> {
  const { env, home, json, messages, out } = context
  await withKeychain(
    context,
    async (client) => {
      if ((await client.state()) === 'trusted') throw new NokkelError('turn-off-first')
      await confirmByEmail(context, client, confirm, 'warn.reset-local')
      await client.eraseDevice()
    },
    { quiet: true },
  )
  await lockAgents(home, env)
  if (json) out.json({ erased: true })
  else out.print(messages.t('done.erased'))
}

async function askFrom({ messages, prompt }: Context): Promise<'device' | 'nothing'> {
  if (!prompt.interactive) throw usageError('needs-choice', { option: '--from-device', other: '--empty' })
  for (;;) {
    const answer = (await prompt.line(messages.t('ask.reset-from'))).trim().toLowerCase()
    if (answer === 'device' || answer === messages.t('answer.device')) return 'device'
    if (answer === 'empty' || answer === messages.t('answer.empty')) return 'nothing'
  }
}
