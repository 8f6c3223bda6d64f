/**
 * The data folder: its mode, its lock and the server's own key. The lock is an SQLite file held open in exclusive mode, because the
 * system releases it whatever way the process ends: no stale lock after a crash.
 */
import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as v from 'valibot'
import { NokkelError, Secret, toHex, type Random } from '@nokkel/base'

export const databaseFile = (folder: string): string => join(folder, 'nokkel.db')
export const keyFile = (folder: string): string => join(folder, 'server.key')
const lockFile = (folder: string): string => join(folder, 'lock.db')

export function prepareFolder(folder: string): void {
  try {
    const existed = existsSync(folder)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!existed) chmodSync(folder, 0o700)
  } catch (error) {
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_DATA', expected: 'a folder that can be made and written' }, { cause: error })
  }
}

export interface FolderLock {
  release(): void
}

/** Throws `home-in-use` while another process holds the folder. */
export function lockFolder(folder: string): FolderLock {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(lockFile(folder))
    lock.exec('pragma locking_mode = exclusive; pragma busy_timeout = 0; begin exclusive')
  } catch (error) {
    lock?.close()
    throw new NokkelError('home-in-use', { setting: 'NOKKEL_DATA' }, { cause: error })
  }
  const held = lock
  return { release: () => held.close() }
}

/** What only this server knows: the OPAQUE setup, and the key behind the account ids of addresses that nobody registered. */
export interface ServerKey {
  readonly opaqueSetup: string
  readonly decoy: Secret
  /** public: lets the database notice that it stands beside another server's key */
  readonly fingerprint: string
}

const keyShape = v.strictObject({
  version: v.literal(1),
  opaqueSetup: v.pipe(v.string(), v.minLength(100), v.maxLength(2_000)),
  decoy: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
})

function fingerprintOf(text: string): string {
  return createHash('sha256').update('nokkel server key fingerprint\0').update(text).digest('hex').slice(0, 32)
}

/** Written beside, synchronised, then renamed: a crash leaves the old file or the new one. */
export function writePrivateFile(file: string, text: string): void {
  const beside = `${file}.new`
  const handle = openSync(beside, 'w', 0o600)
  try {
    writeSync(handle, text)
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  renameSync(beside, file)
  if (process.platform !== 'win32') {
    const folder = openSync(dirname(file), 'r')
    fsyncSync(folder)
    closeSync(folder)
  }
}

/** Reads the key, or makes it when `mayCreate` (an empty folder). Throws `store-damaged` with what: 'server-key'. */
export function openServerKey(folder: string, mayCreate: boolean, random: Random, createOpaqueSetup: () => string): ServerKey {
  const file = keyFile(folder)
  if (!existsSync(file)) {
    // without its key every password of a database is lost: never replace it silently
    if (!mayCreate) throw new NokkelError('store-damaged', { what: 'server-key' })
    writePrivateFile(file, `${JSON.stringify({ version: 1, opaqueSetup: createOpaqueSetup(), decoy: toHex(random.bytes(32)) })}\n`)
  }
  const text = readFileSync(file, 'utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new NokkelError('store-damaged', { what: 'server-key' })
  }
  const parsed = v.safeParse(keyShape, value)
  if (!parsed.success) throw new NokkelError('store-damaged', { what: 'server-key' })
  const { opaqueSetup, decoy } = parsed.output
  return { opaqueSetup, decoy: new Secret(Buffer.from(decoy, 'hex')), fingerprint: fingerprintOf(opaqueSetup) }
}
