/**
 * What a person means by a word: an item by title, a device or a request by name, all of them by identifier or at least four digits
 * of it. A name wins over an identifier, an exact one over one that differs in case; what fits several is refused, never guessed.
 */
import { isNokkelError, NokkelError, type ItemId } from '@nokkel/base'
import type { Client, DeviceInfo, ItemSummary, JoinRequestInfo } from '@nokkel/client'

const wholeId = /^[0-9a-f]{32}$/
const idPrefix = /^[0-9a-f]{4,32}$/
const namedInError = 5

/** Throws `not-found` and `ambiguous`. */
export function chooseOne<T>(
  candidates: readonly T[],
  reference: string,
  nameOf: (candidate: T) => string,
  idOf: (candidate: T) => string,
): T {
  const matches = findMatches(candidates, reference, nameOf, idOf)
  if (matches.length === 1) return matches[0] as T
  if (matches.length === 0) throw new NokkelError('not-found', { name: reference })
  throw new NokkelError('ambiguous', { name: reference, count: matches.length, ids: matches.slice(0, namedInError).map(idOf).join(' ') })
}

function findMatches<T>(
  candidates: readonly T[],
  reference: string,
  nameOf: (candidate: T) => string,
  idOf: (candidate: T) => string,
): readonly T[] {
  const name = reference.normalize('NFC')
  const exact = candidates.filter((candidate) => nameOf(candidate).normalize('NFC') === name)
  if (exact.length > 0) return exact
  const folded = name.toLocaleLowerCase()
  const similar = candidates.filter((candidate) => nameOf(candidate).normalize('NFC').toLocaleLowerCase() === folded)
  if (similar.length > 0) return similar
  const prefix = reference.toLowerCase()
  return idPrefix.test(prefix) ? candidates.filter((candidate) => idOf(candidate).startsWith(prefix)) : []
}

/** `any` prefers present ones, `deleted-first` those in "recently deleted". */
export type Where = 'present' | 'deleted' | 'any' | 'deleted-first'

/** Longer than a round trip, shorter than a person's patience with a word that may just be wrong. */
const lookAgainMs = 5_000

/** What is not here may have been made on another device a moment ago: the server is asked once before somebody is told no. */
async function lookAgain<T>(client: Client, look: () => Promise<T>): Promise<T> {
  try {
    return await look()
  } catch (error) {
    if (!isNokkelError(error, 'not-found') || (await client.state()) !== 'trusted') throw error
    try {
      await client.sync({ signal: AbortSignal.timeout(lookAgainMs) })
    } catch {
      throw error // the answer from here stands
    }
    return look()
  }
}

/** Throws `not-found` and `ambiguous`. */
export function findItem(client: Client, reference: string, where: Where = 'present'): Promise<ItemSummary> {
  return lookAgain(client, () => findItemHere(client, reference, where))
}

/** Over the whole list: building the search index for one look-up takes longer. */
async function findItemHere(client: Client, reference: string, where: Where): Promise<ItemSummary> {
  if (wholeId.test(reference.toLowerCase())) {
    const item = await client.item(reference.toLowerCase() as ItemId)
    if ((where === 'present' || where === 'deleted') && (item.deletedMs !== null) !== (where === 'deleted'))
      throw new NokkelError('not-found', { name: reference })
    return item
  }
  const lists = where === 'any' ? [false, true] : where === 'deleted-first' ? [true, false] : [where === 'deleted']
  for (const deleted of lists) {
    try {
      return chooseOne(
        await client.items({ deleted }),
        reference,
        ({ title }) => title,
        ({ id }) => id,
      )
    } catch (error) {
      if (!isNokkelError(error, 'not-found')) throw error
    }
  }
  throw new NokkelError('not-found', { name: reference })
}

/** Among the active devices: one that was removed has nothing left to be done to it. */
export function findDevice(client: Client, reference: string): Promise<DeviceInfo> {
  return lookAgain(client, async () =>
    chooseOne(
      (await client.devices()).filter(({ status }) => status === 'active'),
      reference,
      ({ name }) => name,
      ({ id }) => id,
    ),
  )
}

/** Pending ones by name or identifier; answered ones too by identifier, so that the server's own answer about them is given. */
export async function findRequest(client: Client, reference: string): Promise<JoinRequestInfo> {
  const requests = await client.joinRequests()
  const pending = requests.filter(({ state }) => state === 'pending')
  try {
    return chooseOne(
      pending,
      reference,
      ({ name }) => name,
      ({ requestId }) => requestId,
    )
  } catch (error) {
    if (!isNokkelError(error, 'not-found')) throw error
    const answered = requests.find(({ requestId }) => idPrefix.test(reference) && requestId.startsWith(reference))
    if (answered?.state === 'expired') throw new NokkelError('request-expired')
    if (answered?.state === 'declined') throw new NokkelError('request-declined')
    throw new NokkelError('request-not-found', { name: reference })
  }
}
