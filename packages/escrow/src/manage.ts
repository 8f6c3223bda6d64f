/**
 * What trusted devices may do with registrations besides making them: see all of the account's (attempts that somebody made, stale ones),
 * freeze and thaw recovery, destroy. None of it can try a code, and nothing can raise a count.
 */
import { askRealm, createErrand, makeRequest, type Asked, type RealmEndpoint, type TokenSource } from './ask-realm.ts'
import { askingOf, type EscrowPorts } from './escrow-ports.ts'
import { readStandingAnswer, readStatus, type RecordStanding, type StatusRow } from './realm/answers.ts'
import type { RealmId, RegistrationId } from './realm/ids.ts'

export type ManageOperation = 'destroy' | 'freeze' | 'thaw'

/** Each realm's own answer. `burned` for the reason `none`: the realm knows of no such registration. */
export async function manageRegistration(
  ports: EscrowPorts,
  endpoints: readonly RealmEndpoint[],
  tokens: TokenSource,
  operation: ManageOperation,
  registration: RegistrationId,
): Promise<ReadonlyMap<RealmId, Asked<RecordStanding>>> {
  const errand = await createErrand(ports.random, tokens, 'manage', registration, endpoints)
  const answers = endpoints.map(async (endpoint): Promise<[RealmId, Asked<RecordStanding>]> => {
    const request = makeRequest(ports.random, errand, endpoint, operation, [])
    return [endpoint.realm.id, await askRealm(endpoint, operation, request, readStandingAnswer, askingOf(ports))]
  })
  return new Map(await Promise.all(answers))
}

/** All registrations of the account that each realm knows, burned ones included. */
export async function listRegistrations(
  ports: EscrowPorts,
  endpoints: readonly RealmEndpoint[],
  tokens: TokenSource,
): Promise<ReadonlyMap<RealmId, Asked<readonly StatusRow[]>>> {
  const errand = await createErrand(ports.random, tokens, 'manage', null, endpoints)
  const answers = endpoints.map(async (endpoint): Promise<[RealmId, Asked<readonly StatusRow[]>]> => {
    const request = makeRequest(ports.random, errand, endpoint, 'status', [])
    return [endpoint.realm.id, await askRealm(endpoint, 'status', request, readStatus, askingOf(ports))]
  })
  return new Map(await Promise.all(answers))
}
