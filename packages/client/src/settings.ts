/** Settings of this device. They stay on it and are sealed like everything else. */
import { CborReader, decodeOwnCbor, encodeCbor, NokkelError } from '@nokkel/base'
import type { DeviceStore } from '@nokkel/store'
import type { LocalKeychain } from '@nokkel/sync'
import type { AutofillSettings, Settings } from './facade.ts'

export const defaultSettings: Settings = { autoLockMinutes: 5, language: 'system', proofMinutes: 5 }

export const defaultAutofill: AutofillSettings = {
  fillPasswords: true,
  fillCards: true,
  offerToSave: true,
  neverSave: [],
  allowOff: [],
  passkeys: true,
}

const row = 'settings'
const languages = ['system', 'nb', 'en'] as const
const minutesMax = 240
const most = { sites: 2_000, siteLength: 253 } as const

export async function readSettings(store: DeviceStore): Promise<Settings> {
  const bytes = await store.get('state', row)
  if (bytes === undefined) return defaultSettings
  const reader = new CborReader(decodeOwnCbor(bytes), 'settings')
  const autoLockMinutes = reader.uint(minutesMax, 1)
  const language = languages[reader.uint(languages.length - 1)] as Settings['language']
  // each younger than the one before: not in rows from earlier
  const autofill = reader.remaining === 0 ? null : reader.nullable((parent) => readAutofill(parent.tuple()))
  const proofMinutes = reader.remaining === 0 ? defaultSettings.proofMinutes : reader.uint(minutesMax, 1)
  return { autoLockMinutes, language, proofMinutes, ...(autofill !== null && { autofill }) }
}

function readAutofill(reader: CborReader): AutofillSettings {
  const sites = (): string[] => reader.list(most.sites, (each) => each.text(most.siteLength))
  return {
    fillPasswords: reader.bool(),
    fillCards: reader.bool(),
    offerToSave: reader.bool(),
    neverSave: sites(),
    allowOff: sites(),
    // younger: not in rows from earlier
    passkeys: reader.remaining === 0 ? defaultAutofill.passkeys : reader.bool(),
  }
}

function isAutofill(value: AutofillSettings): boolean {
  const switches = [value.fillPasswords, value.fillCards, value.offerToSave, value.passkeys]
  return (
    switches.every((each) => typeof each === 'boolean') &&
    [value.neverSave, value.allowOff].every(
      (sites) =>
        Array.isArray(sites) &&
        sites.length <= most.sites &&
        sites.every((site) => typeof site === 'string' && site !== '' && site.length <= most.siteLength),
    )
  )
}

/** Throws `malformed` for a value out of range. */
export async function writeSettings(keychain: LocalKeychain, changes: Partial<Settings>): Promise<Settings> {
  const { autoLockMinutes, language, proofMinutes, autofill } = changes
  for (const [what, minutes] of Object.entries({ autoLockMinutes, proofMinutes }))
    if (minutes !== undefined && (!Number.isSafeInteger(minutes) || minutes < 1 || minutes > minutesMax))
      throw new NokkelError('malformed', { what })
  if (language !== undefined && !languages.includes(language)) throw new NokkelError('malformed', { what: 'language' })
  if (autofill !== undefined && !isAutofill(autofill)) throw new NokkelError('malformed', { what: 'autofill' })
  return keychain.update(async (staged) => {
    const settings = { ...(await readSettings(keychain.store)), ...changes }
    const own = settings.autofill
    const lists = own === undefined ? null : [own.fillPasswords, own.fillCards, own.offerToSave, own.neverSave, own.allowOff, own.passkeys]
    staged.putState(row, encodeCbor([settings.autoLockMinutes, languages.indexOf(settings.language), lists, settings.proofMinutes]))
    return settings
  })
}
