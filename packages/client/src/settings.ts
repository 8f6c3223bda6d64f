/** Settings of this device. They stay on it and are sealed like everything else. */
import { CborReader, decodeOwnCbor, encodeCbor, NokkelError } from '@nokkel/base'
import type { DeviceStore } from '@nokkel/store'
import type { LocalKeychain } from '@nokkel/sync'
import type { AutofillSettings, Settings } from './facade.ts'

export const defaultSettings: Settings = { autoLockMinutes: 5, language: 'system' }

export const defaultAutofill: AutofillSettings = {
  fillPasswords: true,
  fillCards: true,
  offerToSave: true,
  neverSave: [],
  allowOff: [],
}

const row = 'settings'
const languages = ['system', 'nb', 'en'] as const
const autoLockMax = 240
const most = { sites: 2_000, siteLength: 253 } as const

export async function readSettings(store: DeviceStore): Promise<Settings> {
  const bytes = await store.get('state', row)
  if (bytes === undefined) return defaultSettings
  const reader = new CborReader(decodeOwnCbor(bytes), 'settings')
  const autoLockMinutes = reader.uint(autoLockMax, 1)
  const language = languages[reader.uint(languages.length - 1)] as Settings['language']
  return { autoLockMinutes, language, ...(reader.remaining > 0 && { autofill: readAutofill(reader.tuple()) }) }
}

function readAutofill(reader: CborReader): AutofillSettings {
  const sites = (): string[] => reader.list(most.sites, (each) => each.text(most.siteLength))
  return {
    fillPasswords: reader.bool(),
    fillCards: reader.bool(),
    offerToSave: reader.bool(),
    neverSave: sites(),
    allowOff: sites(),
  }
}

function isAutofill(value: AutofillSettings): boolean {
  const switches = [value.fillPasswords, value.fillCards, value.offerToSave]
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
  const { autoLockMinutes, language, autofill } = changes
  if (autoLockMinutes !== undefined && (!Number.isSafeInteger(autoLockMinutes) || autoLockMinutes < 1 || autoLockMinutes > autoLockMax))
    throw new NokkelError('malformed', { what: 'autoLockMinutes' })
  if (language !== undefined && !languages.includes(language)) throw new NokkelError('malformed', { what: 'language' })
  if (autofill !== undefined && !isAutofill(autofill)) throw new NokkelError('malformed', { what: 'autofill' })
  return keychain.update(async (staged) => {
    const settings = { ...(await readSettings(keychain.store)), ...changes }
    const own = settings.autofill
    const lists = own === undefined ? [] : [[own.fillPasswords, own.fillCards, own.offerToSave, own.neverSave, own.allowOff]]
    staged.putState(row, encodeCbor([settings.autoLockMinutes, languages.indexOf(settings.language), ...lists]))
    return settings
  })
}
