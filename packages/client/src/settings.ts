/** Settings of this device. They stay on it and are sealed like everything else. */
import { CborReader, decodeOwnCbor, encodeCbor, NokkelError } from '@nokkel/base'
import type { DeviceStore } from '@nokkel/store'
import type { LocalKeychain } from '@nokkel/sync'
import type { Settings } from './facade.ts'

export const defaultSettings: Settings = { autoLockMinutes: 5, language: 'system' }

const row = 'settings'
const languages = ['system', 'nb', 'en'] as const
const autoLockMax = 240

export async function readSettings(store: DeviceStore): Promise<Settings> {
  const bytes = await store.get('state', row)
  if (bytes === undefined) return defaultSettings
  const reader = new CborReader(decodeOwnCbor(bytes), 'settings')
  return { autoLockMinutes: reader.uint(autoLockMax, 1), language: languages[reader.uint(languages.length - 1)] as Settings['language'] }
}

/** Throws `malformed` for a value out of range. */
export async function writeSettings(keychain: LocalKeychain, changes: Partial<Settings>): Promise<Settings> {
  const { autoLockMinutes, language } = changes
  if (autoLockMinutes !== undefined && (!Number.isSafeInteger(autoLockMinutes) || autoLockMinutes < 1 || autoLockMinutes > autoLockMax))
    throw new NokkelError('malformed', { what: 'autoLockMinutes' })
  if (language !== undefined && !languages.includes(language)) throw new NokkelError('malformed', { what: 'language' })
  return keychain.update(async (staged) => {
    const settings = { ...(await readSettings(keychain.store)), ...changes }
    staged.putState(row, encodeCbor([settings.autoLockMinutes, languages.indexOf(settings.language)]))
    return settings
  })
}
