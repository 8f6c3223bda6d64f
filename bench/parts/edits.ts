/** Edits as a person makes them: a new password for one item, each time another value. */
import type { ItemId } from '@nokkel/base'
import type { Client } from '@nokkel/client'

let edits = 0

/** Milliseconds until the edit is on this disk and acknowledged by the server. */
export async function timedEdit(client: Client, item: ItemId): Promise<number> {
  const set = new Map([['password', `Ny-verdi-${++edits}-${process.pid}`]])
  const from = performance.now()
  await client.editItem(item, { set })
  return performance.now() - from
}

/** Items to edit, spread over the whole vault. */
export async function itemsToEdit(client: Client, count: number): Promise<ItemId[]> {
  const items = await client.items()
  const step = Math.max(1, Math.floor(items.length / count))
  return items.filter((_, at) => at % step === 0).map(({ id }) => id)
}

export async function ensureSent(client: Client): Promise<void> {
  const { pendingChanges } = await client.status()
  if (pendingChanges > 0) throw new Error(`${pendingChanges} changes were not acknowledged`)
}
