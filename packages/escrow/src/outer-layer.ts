/**
 * The outer layer of a registration with a lone realm (protocol 4.9): whoever holds that realm's database and its key could otherwise try
 * every short code. It hangs on a random key of its own, and that key is locked under the export key of the sign-in (K_out) and kept by
 * the sign-in server, so that a change of password re-locks it without the code and without the realm.
 *
 * The outer key also goes into what the realm evaluates: without it not even the commitment in the statement tests a code.
 */
import { encodeCbor, idToBytes, Secret, type AccountId, type Bytes, type Random } from '@nokkel/base'
import { deriveBytes, mac } from '@nokkel/crypto'
import { openCommitted, sealCommitted } from './committed-seal.ts'
import { escrowIdToBytes, type RegistrationId } from './realm/ids.ts'
import { currentSuite, formatVersion, labels } from './realm/labels.ts'

export interface OuterLockPlace {
  readonly account: AccountId
  readonly registration: RegistrationId
}

const outerKeyBytes = 32

function lockAad(place: OuterLockPlace): Bytes {
  return encodeCbor([formatVersion, labels.outerLock, currentSuite, idToBytes(place.account), escrowIdToBytes(place.registration)])
}

export function createOuterKey(random: Random): Secret {
  return new Secret(random.bytes(outerKeyBytes))
}

/** `exportKey` is K_out = KDF(OPAQUE export key, "nk/1/esc/export", 32). The result goes to the sign-in server, beside the registration's name. */
export function lockOuterKey(random: Random, exportKey: Secret, place: OuterLockPlace, outerKey: Secret): Bytes {
  return sealCommitted(random, exportKey.reveal(), labels.outerLock, lockAad(place), outerKey.reveal())
}

/** `open-failed`: another password, or the password was reset without any device, which voids this way back. No guess is spent. */
export function unlockOuterKey(exportKey: Secret, place: OuterLockPlace, lock: Uint8Array): Secret {
  return new Secret(openCommitted('random', exportKey.reveal(), labels.outerLock, lockAad(place), lock))
}

/** At a change of password, by a device that proves both. */
export function relockOuterKey(random: Random, before: Secret, after: Secret, place: OuterLockPlace, lock: Uint8Array): Bytes {
  const outerKey = unlockOuterKey(before, place, lock)
  try {
    return lockOuterKey(random, after, place, outerKey)
  } finally {
    outerKey.destroy()
  }
}

/** What the realms evaluate: the stretched code, mixed with the outer key where there is one. */
export function evaluationInput(stretched: Secret, outerKey: Secret | null): Secret {
  if (outerKey === null) return new Secret(stretched.reveal().slice())
  return new Secret(mac(deriveBytes(outerKey.reveal(), labels.input, 32), stretched.reveal()))
}
