/**
 * The mark of a store that moves or has moved to another database: from the commit that sets it on, no transaction writes here again, in
 * whichever process. Without it the two would go apart.
 */
import type { Kysely } from 'kysely'
import { NokkelError } from '@nokkel/base'
import type { RunTransaction } from './group-commit.ts'
import { withParameters } from './prepared.ts'
import type { Schema } from './schema.ts'

export const movedMark = 'moved'

export function unlessMoved(db: Kysely<Schema>, run: RunTransaction): RunTransaction {
  const query = db.selectFrom('server_meta').select('value').where('name', '=', '').compile()
  return (account, work) =>
    run(account, async (tx) => {
      const { rows } = await tx.executeQuery(withParameters(query, [movedMark]))
      if (rows.length > 0) throw new NokkelError('server-unavailable', { what: 'moved' })
      return await work(tx)
    })
}
