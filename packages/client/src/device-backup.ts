/**
 * The backup of a device (D1): its settings and where its account is. No item and no key is in it, so that it may lie about; what the
 * keychain holds is in the cloud and comes back when the keychain is turned on.
 */
import { NokkelError } from '@nokkel/base'
import type { Settings, Status } from './facade.ts'

export interface DeviceBackup {
  readonly server: string
  readonly email: string
  readonly deviceName: string
  readonly settings: Pick<Settings, 'autoLockMinutes' | 'language'>
}

const kind = 'nokkel-device-backup'
const version = 1
export const backupBytes = 65_536
const textMax = 1_000

export function writeBackup(
  { server, email, deviceName }: Pick<Status, 'server' | 'email' | 'deviceName'>,
  { autoLockMinutes, language }: Settings,
): string {
  // named one by one: lists of sites that other surfaces keep among their settings have no business here
  const backup: DeviceBackup = {
    server: server ?? '',
    email: email ?? '',
    deviceName: deviceName ?? '',
    settings: { autoLockMinutes, language },
  }
  return `${JSON.stringify({ kind, version, ...backup }, null, 2)}\n`
}

/** Throws `format-unknown` for another file, `update-needed` for a newer one, `malformed` for a damaged one. */
export function readBackup(text: string): DeviceBackup {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new NokkelError('format-unknown')
  }
  if (!isRecord(value) || value['kind'] !== kind) throw new NokkelError('format-unknown')
  if (value['version'] !== version) throw new NokkelError('update-needed', { what: 'backup' })
  const settings = value['settings']
  if (!isRecord(settings)) throw new NokkelError('malformed', { what: 'backup' })
  const { autoLockMinutes, language } = settings
  if (typeof autoLockMinutes !== 'number' || (language !== 'nb' && language !== 'en' && language !== 'system'))
    throw new NokkelError('malformed', { what: 'backup' })
  const textOf = (name: 'server' | 'email' | 'deviceName'): string => {
    const found = value[name]
    if (typeof found !== 'string' || found.length > textMax) throw new NokkelError('malformed', { what: 'backup' })
    return found
  }
  return { server: textOf('server'), email: textOf('email'), deviceName: textOf('deviceName'), settings: { autoLockMinutes, language } }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
