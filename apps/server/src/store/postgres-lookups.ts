/**
 * The two lookups of a pull that brings nothing, gathered, on PostgreSQL: whose token this is, and where a log ends. A statement reads rows of several
 * accounts and changes none; on a database that is spread by account it goes to as many parts as it has accounts, at most.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import type { AccountId, VaultId } from '@nokkel/base'
import { gathered } from './gathered.ts'
import { withParameters, type PreparedQueries } from './prepared.ts'
import type { Schema, SessionsTable, VaultsTable } from './schema.ts'

export type SessionWithRegion = SessionsTable & { readonly region: string | null }
export type LogEnd = Pick<VaultsTable, 'account_id' | 'vault_id' | 'head_seq'>

export interface HotLookups {
  session(tokenHash: Uint8Array): Promise<SessionWithRegion | undefined>
  logEnd(account: AccountId, vault: VaultId): Promise<Pick<LogEnd, 'head_seq'> | undefined>
}

/** `lateral … offset 0`: one by one by the index, however small the table was when the plan was made. */
const sessionsByTokens = `select s.*, a.region
from unnest($1::bytea[]) as g (token_hash)
cross join lateral (select * from sessions o where o.token_hash = g.token_hash offset 0) s
cross join lateral (select region from accounts o where o.account_id = s.account_id offset 0) a`
const logEnds = `select v.account_id, v.vault_id, v.head_seq
from unnest($1::text[], $2::text[]) as g (account_id, vault_id)
cross join lateral (select * from vaults o where o.account_id = g.account_id and o.vault_id = g.vault_id offset 0) v`

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

export function postgresLookups(db: Kysely<Schema>, queries: PreparedQueries): HotLookups {
  const session = gathered<Uint8Array, SessionWithRegion>({
    async one(tokenHash) {
      const { rows } = await db.executeQuery(withParameters(queries.sessionByToken, [tokenHash]))
      return rows[0]
    },
    async many(hashes) {
      return (await db.executeQuery(CompiledQuery.raw(sessionsByTokens, [hashes]) as CompiledQuery<SessionWithRegion>)).rows
    },
    nameOfKey: text,
    nameOfRow: (row) => text(row.token_hash),
  })
  const logEnd = gathered<readonly [AccountId, VaultId], LogEnd>({
    async one([account, vault]) {
      const { rows } = await db.executeQuery(withParameters(queries.vault, [account, vault]))
      const [row] = rows
      return row && { account_id: account, vault_id: vault, head_seq: row.head_seq }
    },
    async many(keys) {
      const parameters = [keys.map(([account]) => account), keys.map(([, vault]) => vault)]
      return (await db.executeQuery(CompiledQuery.raw(logEnds, parameters) as CompiledQuery<LogEnd>)).rows
    },
    nameOfKey: ([account, vault]) => `${account} ${vault}`,
    nameOfRow: (row) => `${row.account_id} ${row.vault_id}`,
  })
  return { session, logEnd: (account, vault) => logEnd([account, vault]) }
}
