/** Ways back of an account, as a person on a new device is shown them and chooses among them (A5, F2, F3). */
import { NokkelError } from '@nokkel/base'
import type { Client, WayBack } from '@nokkel/client'
import type { Context } from './context.ts'
import { chooseOne } from './references.ts'
import { usageError } from './usage.ts'

const nameOf = ({ messages }: Context, way: WayBack): string => way.name || messages.t('recovery.unnamed')

export async function listWays(
  context: Context,
  client: Client,
  { heading, without }: { readonly heading?: string; readonly without?: WayBack['kind'] } = {},
): Promise<void> {
  const { json, messages, out } = context
  const { ways, passed } = await client.waysBack()
  const shown = ways.filter(({ kind }) => kind !== without)
  if (json) return out.json({ ways: shown, verificationNeeded: !passed })
  out.print(heading ?? messages.t('recovery.ways'))
  out.print(`  ${messages.t('recovery.way.approval')}`)
  for (const kind of ['passcode', 'security-code', 'recovery-key'] as const) {
    const open = shown.filter((way) => way.kind === kind)
    const names = open.map((way) => `“${nameOf(context, way)}”`)
    // which device it is, the server tells after the second factor (ESC-4)
    if (open.length > 0)
      out.print(`  ${messages.t(`recovery.way.${kind}`, { name: passed ? names.join(', ') : messages.t('recovery.of-one') })}`)
  }
}

/** The passcode of which device: the only one, the one that was named, or the one that the person picks from the list. */
export async function chooseDevice(context: Context, ways: readonly WayBack[], reference: string | undefined): Promise<WayBack> {
  const { messages, out, prompt } = context
  const passcodes = ways.filter(({ kind }) => kind === 'passcode')
  if (reference !== undefined)
    return chooseOne(
      passcodes,
      reference,
      ({ name }) => name,
      ({ slot }) => slot,
    )
  const [first] = passcodes
  if (first === undefined) throw new NokkelError('recovery-unknown')
  if (passcodes.length === 1) return first
  if (!prompt.interactive) throw usageError('missing-option', { option: '--device' })
  passcodes.forEach((way, i) =>
    out.note(
      messages.t('recovery.device', {
        place: i + 1,
        name: nameOf(context, way),
        kind: messages.label('class', way.class ?? 'cli'),
        time: messages.dateTime(way.sinceMs),
      }),
    ),
  )
  for (;;) {
    const answer = (await prompt.line(messages.t('ask.which-device'))).trim()
    const picked = /^[0-9]{1,2}$/.test(answer) ? passcodes[Number(answer) - 1] : undefined
    if (picked !== undefined) return picked
    if (answer !== '')
      return chooseOne(
        passcodes,
        answer,
        ({ name }) => name,
        ({ slot }) => slot,
      )
  }
}
