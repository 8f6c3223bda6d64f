/**
 * Where the status lives: a small SQLite file of its own, so that the page neither needs nor loads the main database, and so that the
 * operator's command line can write it while the server runs, or is down. Every change is read, decide, write in one transaction.
 */
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as v from 'valibot'
import { NokkelError } from '@nokkel/base'
import { emptyBoard, eventSchema, measuredSchema, type Board } from './model.ts'

export const statusFile = (folder: string): string => join(folder, 'status.db')

const eventsMost = 1_000

export class StatusStore {
  readonly #database: DatabaseSync
  #seen: { readonly version: unknown; readonly board: Board } | null = null

  /** Throws `store-damaged` (what: status). */
  constructor(file: string) {
    let database: DatabaseSync | undefined
    try {
      database = new DatabaseSync(file)
      database.exec('pragma busy_timeout = 2000; pragma journal_mode = wal; pragma synchronous = full')
      database.exec(
        'create table if not exists status_events (id text primary key, start_ms integer not null, document text not null) strict;' +
          'create table if not exists status_measured (id integer primary key check (id = 1), document text not null) strict',
      )
      if (process.platform !== 'win32') chmodSync(file, 0o600)
    } catch (error) {
      database?.close()
      throw new NokkelError('store-damaged', { what: 'status' }, { cause: error })
    }
    this.#database = database
  }

  /** Costs one pragma while nobody else has written. */
  read(): Board {
    const version = this.#database.prepare('pragma data_version').get()?.['data_version']
    if (this.#seen !== null && this.#seen.version === version) return this.#seen.board
    const board = this.#load()
    this.#seen = { version, board }
    return board
  }

  /** `decide` gets the board as it is now, whoever wrote it, and gives the next; the same object means no change. */
  change(decide: (board: Board) => Board): Board {
    this.#database.exec('begin immediate')
    try {
      const before = this.#load()
      const after = decide(before)
      if (after !== before) this.#save(before, after)
      this.#database.exec('commit')
      // our own commit does not move the data version of this connection
      this.#seen = { version: this.#database.prepare('pragma data_version').get()?.['data_version'], board: after }
      return after
    } catch (error) {
      this.#database.exec('rollback')
      throw error
    }
  }

  close(): void {
    this.#database.close()
  }

  #load(): Board {
    const measured = this.#database.prepare('select document from status_measured where id = 1').get()?.['document']
    const rows = this.#database.prepare('select document from status_events order by start_ms desc, id limit ?').all(eventsMost)
    try {
      return {
        ...(measured === undefined ? emptyBoard : v.parse(measuredSchema, JSON.parse(String(measured)))),
        events: rows.map(({ document }) => v.parse(eventSchema, JSON.parse(String(document)))),
      }
    } catch (error) {
      throw new NokkelError('store-damaged', { what: 'status' }, { cause: error })
    }
  }

  #save(before: Board, after: Board): void {
    const { heardMs, watches } = after
    this.#database
      .prepare('insert into status_measured (id, document) values (1, ?) on conflict (id) do update set document = excluded.document')
      .run(JSON.stringify({ heardMs, watches }))
    const kept = new Set(after.events.map(({ id }) => id))
    const drop = this.#database.prepare('delete from status_events where id = ?')
    for (const { id } of before.events) if (!kept.has(id)) drop.run(id)
    const put = this.#database.prepare(
      'insert into status_events (id, start_ms, document) values (?, ?, ?) on conflict (id) do update set start_ms = excluded.start_ms, document = excluded.document',
    )
    for (const event of after.events) if (!before.events.includes(event)) put.run(event.id, event.startMs, JSON.stringify(event))
  }
}
