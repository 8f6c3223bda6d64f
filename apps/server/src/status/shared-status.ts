/**
 * One status of several servers (STA-5): a row of the database in which all boards meet, and a lease, so that one of them measures at a time. Each
 * server keeps its own file beside, and answers from it: nothing here stands between a reader and the page.
 */
import type { Kysely } from 'kysely'
import { NokkelError, type Clock } from '@nokkel/base'
import type { Schema } from '../store/schema.ts'
import { joinBoards, parseBoard } from './join-boards.ts'
import { emptyBoard, type Board } from './model.ts'

const attemptsMost = 5
const row = 1

export interface SharedStatus {
  /** Gives what this server knows and takes what the others know. Throws what the database throws, and `conflict` when others are too quick. */
  exchange(board: Board): Promise<Board>
  /** Is it this server that measures, for `forMs` from now on? One at a time; another when that one has not asked again in time. */
  mayProbe(forMs: number): Promise<boolean>
}

/** `self`: another value for each process. */
export function sharedStatus(db: Kysely<Schema>, clock: Clock, self: string): SharedStatus {
  let met: { readonly version: number; readonly board: Board } | null = null
  return {
    async exchange(board) {
      for (let attempt = 0; attempt < attemptsMost; attempt++) {
        const { version } = await db.selectFrom('status_board').select('version').where('id', '=', row).executeTakeFirstOrThrow()
        // most of the time nobody has said anything
        if (met !== null && met.version === Number(version) && met.board === board) return board
        const found = await db.selectFrom('status_board').select(['version', 'document']).where('id', '=', row).executeTakeFirstOrThrow()
        const joined = joinBoards(board, found.document === null ? emptyBoard : parseBoard(found.document))
        const document = JSON.stringify(joined)
        if (document !== found.document) {
          const { numUpdatedRows } = await db
            .updateTable('status_board')
            .set({ document, version: Number(found.version) + 1 })
            .where('id', '=', row)
            .where('version', '=', found.version)
            .executeTakeFirst()
          if (numUpdatedRows !== 1n) continue
        }
        met = { version: Number(found.version) + (document === found.document ? 0 : 1), board: joined }
        return joined
      }
      throw new NokkelError('conflict', { what: 'status' })
    },

    async mayProbe(forMs) {
      const nowMs = clock.nowMs()
      const { numUpdatedRows } = await db
        .updateTable('status_board')
        .set({ prober: self, prober_until_ms: nowMs + forMs })
        .where('id', '=', row)
        .where((eb) => eb.or([eb('prober', '=', self), eb('prober_until_ms', '<=', nowMs)]))
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}
