/** `nokkel recover`: this device comes back by itself, without any other, and asks whether the others are lost (A5, F2, F3, F6, F7). */
import { NokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'
import { devicePasscode, recoveryKey, securityCode } from '../input/proofs.ts'
import { showSecondFactor } from '../second-factor.ts'
import { usageError } from '../usage.ts'
import { chooseDevice, listWays } from '../ways-back.ts'

const kinds = ['passcode', 'security-code', 'recovery-key'] as const

export const command = defineCommand({
  options: {
    with: { type: 'string', value: 'WAY', about: 'option.with', completes: kinds },
    device: { type: 'string', value: 'DEVICE', about: 'option.device' },
    shown: { type: 'boolean', about: 'option.shown' },
    number: { type: 'string', value: 'DIGITS', about: 'option.number-end' },
  },
  async run(context, { values }) {
    const { json, messages, out } = context
    const kind = kinds.find((candidate) => candidate === values.with)
    if (values.with !== undefined && kind === undefined) throw usageError('invalid-value', { option: '--with', expected: kinds.join(', ') })
    if (values.device !== undefined && kind !== 'passcode')
      throw usageError('not-together', { option: '--device', other: `--with ${kind ?? ''}` })
    if (values.number !== undefined && values.shown) throw usageError('not-together', { option: '--number', other: '--shown' })
    await withKeychain(
      context,
      async (client) => {
        if (kind === undefined) return listWays(context, client)
        if (kind === 'recovery-key') {
          const text = await recoveryKey(context)
          await withProgress(context, (options) => client.recoverWithKey(text, options))
        } else await recoverByCode(context, client, kind, values)
        const { items, escrow } = await client.status()
        const others = (await client.devices()).filter(({ status, thisDevice }) => status === 'active' && !thisDevice)
        if (json) return out.json({ recovered: true, items, otherDevices: others.map(({ id, name }) => ({ id, name })) })
        out.print(messages.t('recovery.done', { count: items }))
        if (kind === 'security-code' && escrow?.securityCode !== true) out.note(messages.t('recovery.code-again'))
        if (others.length > 0) out.note(messages.t('recovery.lost', { names: others.map(({ name }) => name).join(', ') }))
      },
      { quiet: true },
    )
  },
})

async function recoverByCode(
  context: Context,
  client: Client,
  kind: 'passcode' | 'security-code',
  { device, shown, number }: { readonly device: string | undefined; readonly shown: boolean; readonly number: string | undefined },
): Promise<void> {
  const { json, messages, out } = context
  const before = await client.waysBack()
  if (!before.ways.some((candidate) => candidate.kind === kind)) throw new NokkelError('recovery-unknown')
  if (!before.passed) await showSecondFactor(context, client, shown ? 'shown' : 'any', number)
  // the names of the devices come with the second factor (ESC-4)
  const { ways } = before.passed ? before : await client.waysBack()
  const way = kind === 'passcode' ? await chooseDevice(context, ways, device) : ways.find((candidate) => candidate.kind === kind)
  if (way === undefined) throw new NokkelError('recovery-unknown')
  // said before anything is spent (F7)
  const { attemptsLeft, waitMs } = await client.recoveryStanding(way.slot)
  if (waitMs > 0) throw new NokkelError('recovery-wait', { retryAfterSeconds: Math.ceil(waitMs / 1_000), attemptsLeft })
  if (!json) out.note(messages.t('recovery.attempts', { count: attemptsLeft }))
  const code = kind === 'passcode' ? await devicePasscode(context, way.name || messages.t('recovery.unnamed')) : await securityCode(context)
  await withProgress(context, (options) => client.recoverWithCode(way.slot, code, options))
}
