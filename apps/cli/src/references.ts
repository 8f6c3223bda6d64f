/**
 * What a person means by a word: an item by title, a device or a request by name, all of them by identifier or at least four digits
 * of it. A name wins over an identifier, an exact one over one that differs in case; what fits several is refused, never guessed.
 */
import { NokkelError, type ItemId } from '@nokkel/base'
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

export type Where = 'present' | 'deleted' | 'any'

/** Searches by title first: that way not every summary of a large keychain is laid out to find one. */
export async function findItem(client: Client, reference: string, where: Where = 'present'): Promise<ItemSummary> {
  if (wholeId.test(reference.toLowerCase())) {
    const item = await client.item(reference.toLowerCase() as ItemId)
    if (where !== 'any' && (item.deletedMs !== null) !== (where === 'deleted')) throw new NokkelError('not-found', { name: reference })
    return item
  }
  const lists = where === 'any' ? [false, true] : [where === 'deleted']
  for (const deleted of lists) {
    for (const query of [{ deleted, text: reference }, { deleted }]) {
      try {
        return chooseOne(
          await client.items(query),
          reference,
          ({ title }) => title,
          ({ id }) => id,
        )
      } catch (error) {
        if (!(error instanceof NokkelError) || error.code !== 'not-found') throw error
      }
    }
  }
  throw new NokkelError('not-found', { name: reference })
}

/** Among the active devices: one that was removed has nothing left to be done to it. */
export async function findDevice(client: Client, reference: string): Promise<DeviceInfo> {
  const devices = (await client.devices()).filter(({ status }) => status === 'active')
  return chooseOne(
    devices,
    reference,
    ({ name }) => name,
    ({ id }) => id,
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
    if (!(error instanceof NokkelError) || error.code !== 'not-found') throw error
    const answered = requests.find(({ requestId }) => idPrefix.test(reference) && requestId.startsWith(reference))
    if (answered?.state === 'expired') throw new NokkelError('request-expired')
    if (answered?.state === 'declined') throw new NokkelError('request-declined')
    throw new NokkelError('request-not-found', { name: reference })
  }
}
