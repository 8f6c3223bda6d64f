/**
 * The lines about what waits, after commands for people: that the server does not synchronise for now (A2, A3), changes that are not sent yet, requests for approval, and notices not yet seen (A5, A6, F9).
 */
import { isNokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import type { Context } from './context.ts'

export async function tellNews({ out, messages }: Context, client: Client): Promise<void> {
  const state = await client.state()
  if (state === 'empty' || state === 'locked') return // the command itself ended it
  const { notices, online, paused, pendingChanges } = await client.status()
  if (paused !== null) out.note(messages.t('sync.paused', { reason: messages.errorText(paused.code, paused.params).message }))
  if (pendingChanges > 0) out.note(messages.t('sync.pending', { count: pendingChanges }))
  // asked only where the command has just spoken with the server: looking at the keychain must not wait for a network
  const pending = state === 'trusted' && online ? await pendingRequests(client) : 0
  if (pending > 0) out.note(messages.t('notice.requests', { count: pending }))
  if (notices.length > 0) out.note(messages.t('notice.unseen', { count: notices.length }))
}

async function pendingRequests(client: Client): Promise<number> {
  try {
    return (await client.joinRequests()).filter(({ state }) => state === 'pending').length
  } catch (error) {
    // the command did its work; a server that has gone away since is the next one's business
    if (isNokkelError(error)) return 0
    throw error
  }
}
