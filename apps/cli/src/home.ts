/** The folder that is this device: where it is, that it is private, and whether there is a keychain in it. */
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const keychainFile = 'keychain.sqlite'

/** The platform's place for a user's data (XDG Base Directory 0.8 on Linux; relative XDG paths are to be ignored). */
export function defaultHome(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): string {
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Nokkel')
  if (platform === 'win32') return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'Nokkel')
  const data = env['XDG_DATA_HOME']
  return join(data !== undefined && isAbsolute(data) ? data : join(homedir(), '.local', 'share'), 'nokkel')
}

/** Created for this user alone. One that exists stays as it is: it may be a folder that somebody else's rights depend on. */
export function ensureHome(home: string): void {
  mkdirSync(home, { recursive: true, mode: 0o700 })
}

/** A keychain, or one that was moved aside because it was damaged, so that looking does not create an empty one. */
export function hasKeychain(home: string): boolean {
  return existsSync(home) && readdirSync(home).some((name) => name.startsWith(keychainFile))
}
