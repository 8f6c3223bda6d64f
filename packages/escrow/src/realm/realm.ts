/**
 * A realm as its clients see it: bytes in, bytes out (requests.ts, answers.ts), so that the same client speaks to one in its own process
 * and to one behind HTTP. Transport alone: what an answer is worth its reader decides by the signature in it.
 *
 * Danger: `register` carries the realm's share of the key. It must go to the realm itself over TLS, never through another realm's
 * operator or the sign-in server; otherwise who stands between knows all the shares.
 */
import type { Bytes } from '@nokkel/base'
import type { RealmId } from './ids.ts'

export const realmOperations = ['info', 'evaluate', 'prove', 'register', 'activate', 'status', 'destroy', 'freeze', 'thaw'] as const
export type RealmOperation = (typeof realmOperations)[number]

/**
 * Every method may throw `escrow-refused` (and says no more), `rate-limited`, `conflict` (register) or an error of the groups offline
 * and conflict (`busy`), after which the same bytes may be sent again.
 */
export interface Realm extends Readonly<Record<RealmOperation, (request: Bytes) => Promise<Bytes>>> {
  readonly id: RealmId
}
