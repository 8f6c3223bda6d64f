/** What the doctor sees of the file under the keychain (G "database damaged", "disk full"), without changing or mending it. Node alone. */
import { existsSync } from 'node:fs'
import { rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isNokkelError } from '@nokkel/base'
import { openSqliteStore } from '@nokkel/store/sqlite'

export interface NodeStoreObservation {
  readonly condition: 'none' | 'ok' | 'damaged' | 'too-new' | 'full' | 'in-use' | 'unreadable'
  readonly freeBytes: number | null
}

/** one page of SQLite and its journal, with room to spare */
const probeBytes = 64 * 1024
/** longer than any commit takes; a doctor who waits longer is asleep */
const busyTimeoutMs = 500

/** Reads the whole file once, so that damage in a part that is seldom read is found as well. */
export async function observeStoreFile(home: string, file: string): Promise<NodeStoreObservation> {
  const path = join(home, file)
  const freeBytes = await freeBytesOf(home)
  // a file that cannot be seen because of its folder's rights is not one that is absent
  if (!existsSync(path)) return { condition: existsSync(home) ? await tryToWrite(home, 'none') : 'none', freeBytes }
  try {
    const store = await openSqliteStore(path, { check: true, busyTimeoutMs })
    await store.close()
  } catch (error) {
    return { condition: conditionOf(error), freeBytes }
  }
  return { condition: await tryToWrite(home, 'ok'), freeBytes }
}

function conditionOf(error: unknown): NodeStoreObservation['condition'] {
  if (isNokkelError(error, 'store-damaged')) return 'damaged'
  if (isNokkelError(error, 'store-too-new')) return 'too-new'
  if (isNokkelError(error, 'disk-full')) return 'full'
  if (isNokkelError(error, 'busy')) return 'in-use'
  return 'unreadable'
}

/** What a file system says is free and what it takes are two things: quotas, rights and read-only mounts show only here. */
async function tryToWrite(home: string, whole: 'ok' | 'none'): Promise<NodeStoreObservation['condition']> {
  const probe = join(home, `.room-${process.pid}`)
  try {
    await writeFile(probe, new Uint8Array(probeBytes), { mode: 0o600, flag: 'wx' })
    return whole
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    return code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'unreadable'
  } finally {
    await rm(probe, { force: true }).catch(() => undefined)
  }
}

async function freeBytesOf(home: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(home)
    return bavail * bsize
  } catch {
    return null
  }
}
