/** What was decided about filling and saving, as the command line shows it. */
import type { AutofillSettings, AutofillSwitches } from '@nokkel/client'
import type { Context } from '../context.ts'

/** As they are typed, in the order in which they are shown. */
export const switchNames = {
  passwords: 'fillPasswords',
  cards: 'fillCards',
  saving: 'offerToSave',
  passkeys: 'passkeys',
} as const satisfies Readonly<Record<string, keyof AutofillSwitches>>

export function printAutofill({ json, messages, out }: Context, settings: AutofillSettings): void {
  const { neverSave, allowOff } = settings
  const switches = Object.values(switchNames)
  if (json) return out.json({ ...Object.fromEntries(switches.map((name) => [name, settings[name]])), neverSave, allowOff })
  const sites = (list: readonly string[]): string => (list.length === 0 ? messages.t('autofill.no-sites') : list.join(', '))
  out.pairs([
    ...switches.map((name) => [messages.t(`autofill.${name}`), messages.t(settings[name] ? 'autofill.on' : 'autofill.off')] as const),
    [messages.t('autofill.never'), sites(neverSave)],
    [messages.t('autofill.allow'), sites(allowOff)],
  ])
}
