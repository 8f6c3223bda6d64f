/**
 * The monotone counter of a realm: a tiny SQLite file at a path of its own, which no backup of the store may bring back (`RealmCore`
 * says why). SQLite and not a plain file, because several processes raise it at once and a half-written number would be worse than none.
 * It only ever goes up; a file that cannot be read stops the realm rather than let it guess.
 */
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { NokkelError } from '@nokkel/base'
import type { MonotoneCounter } from '@nokkel/escrow/realm'

export class FileCounter implements MonotoneCounter {
  readonly #file: string
  #database: DatabaseSync | undefined
  #waiting: { value: number; resolve(value: number): void; reject(error: unknown): void }[] = []
  #known = -1

  constructor(file: string) {
    this.#file = file
  }

  async read(): Promise<number | null> {
    if (this.#database === undefined && !existsSync(this.#file)) return null
    const row = this.#guarded((database) => database.prepare('select value from counter where id = 1').get())
    return row === undefined ? null : (row['value'] as number)
  }

  /** Calls of one turn of the event loop share one write to the medium. */
  advanceTo(value: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ value, resolve, reject })
      if (this.#waiting.length === 1) setImmediate(() => this.#flush())
    })
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    const value = Math.max(...waiting.map((each) => each.value))
    try {
      // raised by us to at least this much, and on the medium: nothing to write
      if (value > this.#known || waiting.length === 0)
        this.#guarded((database) => {
          database
            .prepare('insert into counter values (1, ?) on conflict (id) do update set value = excluded.value where excluded.value > value')
            .run(value)
        })
      const row = this.#guarded((database) => database.prepare('select value from counter where id = 1').get())
      this.#known = row?.['value'] as number
      for (const each of waiting) each.resolve(this.#known)
    } catch (error) {
      for (const each of waiting) each.reject(error)
    }
  }

  #guarded<T>(work: (database: DatabaseSync) => T): T {
    try {
      return work((this.#database ??= open(this.#file)))
    } catch (error) {
      throw new NokkelError('store-damaged', { what: 'realm-counter' }, { cause: error })
    }
  }
}

function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  try {
    // FULL synchronises the file at each commit, and its folder when files appear in it
    database.exec(
      `pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full;
       create table if not exists counter (id integer primary key check (id = 1), value integer not null) strict`,
    )
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
