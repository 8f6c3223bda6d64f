/** Realms that do not behave: silent, slow, forgetful of their answers, or lying with their own good signature. For tests. */
import { CborReader, encodeCbor, NokkelError, type Bytes, type CborValue } from '@nokkel/base'
import { labels } from '../realm/labels.ts'
import { realmOperations, type Realm, type RealmOperation } from '../realm/realm.ts'
import { decodeSignedBody, signBody, type Signer } from '../realm/signer.ts'

/** `realm`, with each call passed through `handle`. */
export function interceptRealm(
  realm: Realm,
  handle: (operation: RealmOperation, request: Bytes, call: () => Promise<Bytes>) => Promise<Bytes>,
): Realm {
  const operations = Object.fromEntries(
    realmOperations.map((operation) => [operation, (request: Bytes) => handle(operation, request, () => realm[operation](request))]),
  )
  return { id: realm.id, ...(operations as Readonly<Record<RealmOperation, (request: Bytes) => Promise<Bytes>>>) }
}

export function silentRealm(realm: Realm): Realm {
  return interceptRealm(realm, async () => {
    throw new NokkelError('offline')
  })
}

/** Does what it is asked for and then never answers. */
export function hangingRealm(realm: Realm, operations: readonly RealmOperation[] = realmOperations): Realm {
  return interceptRealm(realm, async (operation, _, call) => {
    const answer = await call()
    return operations.includes(operation) ? new Promise<Bytes>(() => undefined) : answer
  })
}

/** Does what it is asked for; its answer is lost where `lose` says so. */
export function lossyRealm(realm: Realm, lose: (operation: RealmOperation) => boolean): Realm {
  return interceptRealm(realm, async (operation, _, call) => {
    const answer = await call()
    if (lose(operation)) throw new NokkelError('timeout')
    return answer
  })
}

/** Changes the payloads of some answers, and signs them as the realm that it is. */
export function lyingRealm(
  realm: Realm,
  signer: Signer,
  operation: RealmOperation,
  change: (payload: readonly CborValue[], request: Bytes) => CborValue,
): Realm {
  return interceptRealm(realm, async (asked, request, call) => {
    const answer = await call()
    if (asked !== operation) return answer
    const body = CborReader.decode(decodeSignedBody(answer, answer.length, 'answer').body, answer.length, 'answer')
    const [version, label, id, hash, payload] = body.rest() as [CborValue, CborValue, CborValue, CborValue, readonly CborValue[]]
    return signBody(signer, labels.answer, encodeCbor([version, label, id, hash, change(payload, request)]))
  })
}
