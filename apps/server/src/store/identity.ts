/** The identity that a database has for its clients: made once, whoever comes first, and read by all that come later. */
import type { Kysely } from 'kysely'
import { toHex, type Random } from '@nokkel/base'
import type { Schema } from './schema.ts'

const identityBytes = 16

export async function metaOf(db: Kysely<Schema>, name: string): Promise<string | undefined> {
  return (await db.selectFrom('server_meta').select('value').where('name', '=', name).executeTakeFirst())?.value
}

/** What stands under `name`, or, where nothing does, `value` from now on. Several processes may ask at once: all get the same. */
export async function claimMeta(db: Kysely<Schema>, name: string, value: string): Promise<string> {
  await db
    .insertInto('server_meta')
    .values({ name, value })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  return (await db.selectFrom('server_meta').select('value').where('name', '=', name).executeTakeFirstOrThrow()).value
}

export function freshIdentity(random: Random): string {
  return toHex(random.bytes(identityBytes))
}

export async function identityOf(db: Kysely<Schema>, random: Random): Promise<{ readonly serverId: string; readonly incarnation: string }> {
  return {
    serverId: await claimMeta(db, 'server-id', freshIdentity(random)),
    incarnation: await claimMeta(db, 'incarnation', freshIdentity(random)),
  }
}
