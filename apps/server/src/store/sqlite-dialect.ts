/**
 * Kysely over `node:sqlite`: gives DatabaseSync the shape that Kysely's SqliteDialect expects (prepare/close; all/run/iterate).
 * Statements are kept by their text, because preparing one costs as much as running it. One connection; Kysely queues its users.
 */
import { SqliteDialect, type SqliteDatabase, type SqliteStatement } from 'kysely'
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'

const statementsKept = 300

class Statement implements SqliteStatement {
  readonly reader: boolean
  readonly #statement: StatementSync

  constructor(statement: StatementSync) {
    this.#statement = statement
    this.reader = statement.columns().length > 0
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...(parameters as SQLInputValue[]))
  }

  run(parameters: readonly unknown[]): { changes: number | bigint; lastInsertRowid: number | bigint } {
    return this.#statement.run(...(parameters as SQLInputValue[]))
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...(parameters as SQLInputValue[]))
  }
}

function adapt(database: DatabaseSync): SqliteDatabase {
  const statements = new Map<string, Statement>()
  return {
    prepare(sql) {
      let statement = statements.get(sql)
      if (statement === undefined) {
        statement = new Statement(database.prepare(sql))
        // insertion order makes this first in, first out: the few hundred texts of this server all fit
        if (statements.size >= statementsKept) for (const oldest of statements.keys()) if (statements.delete(oldest)) break
        statements.set(sql, statement)
      }
      return statement
    },
    close() {
      statements.clear()
      database.close()
    },
  }
}

export function nodeSqliteDialect(database: DatabaseSync): SqliteDialect {
  return new SqliteDialect({ database: adapt(database) })
}
