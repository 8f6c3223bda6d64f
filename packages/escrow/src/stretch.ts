/** From the code to what the realms evaluate: Argon2id with constants of the client (A9) and a salt that no two registrations share. */
import { concatBytes, idToBytes, utf8, type AccountId, type Bytes, type Secret } from '@nokkel/base'
import { passcodeKdf, sha256, stretchPasscode } from '@nokkel/crypto'
import { escrowIdToBytes, type RegistrationId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'

const stretchedBytes = 32
const saltBytes = 16

/** An argument for tests alone: products leave it at `stretchCode`. */
export type StretchCode = (code: string, salt: Bytes) => Promise<Secret>

/** 64 MiB, three passes, one lane. */
export const stretchCode: StretchCode = (code, salt) => stretchPasscode(code, salt, passcodeKdf, stretchedBytes)

/** H("nk/1/esc" || account || registration)[0..16] */
export function saltOf(account: AccountId, registration: RegistrationId): Bytes {
  return sha256(concatBytes(utf8(labels.salt), idToBytes(account), escrowIdToBytes(registration))).slice(0, saltBytes)
}
