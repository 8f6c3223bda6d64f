/**
 * News that only the server can have (F9): a sign-in, a new number, a support case. Kept at the server for every device of the account, taken over
 * once, and shown as the server's word: kinds from a closed list, values of known shape, and nothing that asks for an act.
 */
import { decodeOwnCbor, encodeCbor, CborReader } from '@nokkel/base'
import { sessionOf, type LocalKeychain, type NoticeKind, type ServerApi } from '@nokkel/sync'

const row = 'notices-after'

/** Of each kind, the values that are shown; whatever else the server says is left out. */
const shownOf: Partial<Record<NoticeKind, readonly string[]>> = {
  'number-changed': ['lastDigits'],
  'number-added': ['lastDigits'],
  'number-removed': ['lastDigits'],
  'password-changed': [],
  'new-sign-in': ['class', 'place', 'device'],
  'recovery-verified': ['class', 'place'],
  'support-opened': [],
  'support-waiting': ['dueMs'],
  'support-open': [],
  'support-stopped': [],
}
/** An earlier server does not say it. */
const optional: ReadonlySet<string> = new Set(['device'])
const classes: readonly unknown[] = ['cli', 'web', 'extension']

function isPlausible(name: string, value: unknown): value is string | number {
  if (name === 'lastDigits') return typeof value === 'string' && /^[0-9]{2}$/.test(value)
  if (name === 'device') return typeof value === 'string' && /^[0-9a-f]{16,64}$/.test(value)
  if (name === 'class') return classes.includes(value)
  if (name === 'place') return typeof value === 'string' && /^[0-9A-Za-z.:/]{0,60}$/.test(value)
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0
}

export async function pullServerNotices(keychain: LocalKeychain, api: ServerApi): Promise<void> {
  const { identity } = keychain.requireTrusted()
  const stored = await keychain.store.get('state', row)
  const after = stored === undefined ? null : new CborReader([decodeOwnCbor(stored)], row).text(32)
  const { notices } = await api.notices(sessionOf(identity), after)
  const last = notices.at(-1)
  if (last === undefined || last.id === after) return
  await keychain.update((staged) => {
    staged.putState(row, encodeCbor(last.id))
    // before this device came to be, it was others' news
    const joinedMs = keychain.circle?.devices.get(identity.keys.id)?.addedMs ?? 0
    for (const { kind, timeMs, params } of notices) {
      const shown = Object.hasOwn(shownOf, kind) ? shownOf[kind as NoticeKind] : undefined
      if (shown === undefined || (after === null && timeMs < joinedMs)) continue
      const values = shown.filter((name) => !optional.has(name) || params[name] !== undefined).map((name) => [name, params[name]] as const)
      if (!values.every(([name, value]) => isPlausible(name, value))) continue
      staged.notify(kind as NoticeKind, Object.fromEntries(values) as Record<string, string | number>, timeMs)
    }
  })
}
