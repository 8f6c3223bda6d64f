/** `nokkel off`: turns the keychain off on this device, and asks whether the items stay here as a frozen copy (D2); with
 * `--everywhere`, on all devices, which removes it from the server (D3). */
import { lockAgents } from '../agent/ask-agent.ts'
import { endWaiting } from '../background/waiting.ts'
import { confirmByEmail } from '../confirm-by-email.ts'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'

export const command = defineCommand({
  options: {
    keep: { type: 'boolean', about: 'option.keep' },
    delete: { type: 'boolean', about: 'option.delete' },
    everywhere: { type: 'boolean', about: 'option.everywhere' },
    confirm: { type: 'string', value: 'EMAIL', about: 'option.confirm' },
  },
  async run(context, { values }) {
    if (values.keep && values.delete) throw usageError('not-together', { option: '--keep', other: '--delete' })
    const { env, home, json, messages, out } = context
    const copy = await withKeychain(
      context,
      async (client) => {
        const chosen = values.keep ? 'keep' : values.delete ? 'delete' : await askCopy(context)
        if (values.everywhere)
          await confirmByEmail(
            context,
            client,
            values.confirm,
            chosen === 'keep' ? 'warn.off-everywhere-keep' : 'warn.off-everywhere-delete',
          )
        await client.turnOff({ copy: chosen, everywhere: values.everywhere })
        return chosen
      },
      { quiet: true },
    )
    endWaiting(home)
    if (copy === 'delete') await lockAgents(home, env)
    if (json) out.json({ off: true, copy, everywhere: values.everywhere })
    else out.print(messages.t(values.everywhere ? 'done.off-everywhere' : copy === 'keep' ? 'done.off-keep' : 'done.off-delete'))
  },
})

async function askCopy({ messages, prompt }: Context): Promise<'keep' | 'delete'> {
  if (!prompt.interactive) throw usageError('needs-choice', { option: '--keep', other: '--delete' })
  for (;;) {
    const answer = (await prompt.line(messages.t('ask.off-copy'))).trim().toLowerCase()
    if (answer === 'keep' || answer === messages.t('answer.keep')) return 'keep'
    if (answer === 'delete' || answer === messages.t('answer.delete')) return 'delete'
  }
}
