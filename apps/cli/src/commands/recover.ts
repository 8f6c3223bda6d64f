/** `nokkel recover`: this device comes back by itself, without any other, and asks whether the others are lost (A5, F6). */
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import { recoveryKey } from '../input/proofs.ts'
import { usageError } from '../usage.ts'

const ways = ['recovery-key'] as const

export const command = defineCommand({
  options: { with: { type: 'string', value: 'recovery-key', about: 'option.with', completes: ways } },
  async run(context, { values }) {
    if (values.with === undefined) throw usageError('missing-option', { option: '--with' })
    if (!ways.some((way) => way === values.with)) throw usageError('invalid-value', { option: '--with', expected: ways.join(', ') })
    const { json, messages, out } = context
    await withKeychain(
      context,
      async (client) => {
        const text = await recoveryKey(context)
        await withProgress(context, (options) => client.recoverWithKey(text, options))
        const { items } = await client.status()
        const others = (await client.devices()).filter(({ status, thisDevice }) => status === 'active' && !thisDevice)
        if (json) return out.json({ recovered: true, items, otherDevices: others.map(({ id, name }) => ({ id, name })) })
        out.print(messages.t('recovery.done', { count: items }))
        if (others.length > 0) out.note(messages.t('recovery.lost', { names: others.map(({ name }) => name).join(', ') }))
      },
      { quiet: true },
    )
  },
})
