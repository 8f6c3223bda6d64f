/**
 * Hosts one realm in this process: opens its database, key file and counter (each at a path of its own), starts the sweep, and closes
 * everything at the end. Used by the sign-in server, which has one built in, and by `nokkel-server realm`. No HTTP here.
 */
import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { NokkelError, type Bytes, type Clock, type Random } from '@nokkel/base'
import { RealmCore, type EscrowPolicy, type RealmEvent, type RealmId, type RealmStore } from '@nokkel/escrow/realm'
import { prepareFolder } from '../store/data-folder.ts'
import { FileCounter } from './file-counter.ts'
import { createRealmKey, openRealmKey } from './realm-key.ts'
import { SqliteRealmStore } from './sqlite-realm-store.ts'

export interface RealmPaths {
  readonly database: string
  readonly key: string
  readonly counter: string
}

type OpenRealmStore = RealmStore & { close(): void | Promise<void> }

export interface RealmHostParts {
  readonly clock: Clock
  readonly random: Random
  readonly tokenIssuers: readonly Bytes[]
  readonly notify: (event: RealmEvent) => void
  readonly onSweepError: (error: unknown) => void
  /** where the records are; a SQLite file at `paths.database` without */
  readonly openStore?: (id: RealmId) => Promise<OpenRealmStore>
  /** tests alone, which would otherwise have to wait a day */
  readonly policy?: EscrowPolicy
}

export interface RealmHost {
  readonly id: RealmId
  readonly signKey: Bytes
  readonly core: RealmCore
  /** Stops the sweep and closes the files; waits for a sweep that runs. */
  close(): Promise<void>
}

/** how often due records are destroyed, whether or not anybody asks for them */
const sweepEveryMs = 60_000

/** Beside the data folder, never in it: whoever copies the folder has neither key nor counter. */
export function embeddedPaths(data: string, key: string | null, counter: string | null): RealmPaths {
  const beside = `${resolve(data)}.realm`
  return { database: `${resolve(data)}/realm.db`, key: key ?? `${beside}/realm.key`, counter: counter ?? `${beside}/counter.db` }
}

function ensureApart({ database, key, counter }: RealmPaths): void {
  const folder = dirname(resolve(database))
  for (const [setting, file] of [
    ['NOKKEL_REALM_KEY', key],
    ['NOKKEL_REALM_COUNTER', counter],
  ] as const) {
    if (dirname(resolve(file)) === folder || resolve(file).startsWith(`${folder}/`))
      throw new NokkelError('config-invalid', { setting, expected: 'a file outside the data folder' })
  }
}

/** Makes the key file of a realm that has none. Throws `conflict` where a database exists already: its key must be found, not replaced. */
export function initRealm(paths: RealmPaths, random: Random): void {
  ensureApart(paths)
  if (existsSync(paths.database) && !existsSync(paths.key)) throw new NokkelError('store-damaged', { what: 'realm-key' })
  for (const file of [paths.database, paths.key, paths.counter]) prepareFolder(dirname(file))
  createRealmKey(paths.key, random)
}

/** Throws `store-damaged` (what: realm, realm-key, realm-counter) and `config-invalid`; never starts with a new key over old records. */
export async function openRealm(paths: RealmPaths, parts: RealmHostParts): Promise<RealmHost> {
  const { clock, random, tokenIssuers, notify, onSweepError } = parts
  ensureApart(paths)
  const key = openRealmKey(paths.key, random)
  const store: OpenRealmStore = parts.openStore === undefined ? new SqliteRealmStore(paths.database) : await parts.openStore(key.id)
  const counter = new FileCounter(paths.counter)
  try {
    const ports = { id: key.id, store, counter, kek: key.kek, clock, random, signer: key.signer, tokenIssuers, notify }
    const core = await RealmCore.open(ports, parts.policy)
    let running: Promise<unknown> = Promise.resolve()
    const sweep = (): void => {
      running = running.then(() => core.sweep()).catch(onSweepError)
    }
    sweep()
    const timer = setInterval(sweep, sweepEveryMs)
    timer.unref()
    return {
      id: key.id,
      signKey: key.signer.publicKey,
      core,
      async close() {
        clearInterval(timer)
        await running
        await store.close()
        counter.close()
      },
    }
  } catch (error) {
    await store.close()
    counter.close()
    throw error
  }
}
