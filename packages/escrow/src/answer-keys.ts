/** What the combined evaluation gives: the key around the secret, the commitment that tells a right code from a wrong one, and the tags. */
import { concatBytes, type Bytes, type Secret } from '@nokkel/base'
import { deriveBytes, deriveSecret, mac } from '@nokkel/crypto'
import { escrowIdToBytes, type RealmId, type RegistrationId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'
import { commitmentBytes } from './realm/statement.ts'

export interface AnswerKeys {
  /** K */
  readonly inner: Secret
  readonly tag: Secret
  readonly commitment: Bytes
}

export function answerKeys(output: Secret): AnswerKeys {
  return {
    inner: deriveSecret(output, labels.inner),
    tag: deriveSecret(output, labels.tag),
    commitment: deriveBytes(output.reveal(), labels.commitment, commitmentBytes),
  }
}

/** Shows one realm that the code was right, and is of use at that realm and for that registration alone. */
export function tagFor(keys: AnswerKeys, realm: RealmId, registration: RegistrationId): Bytes {
  return mac(keys.tag.reveal(), concatBytes(escrowIdToBytes(realm), escrowIdToBytes(registration)))
}

export function destroyAnswerKeys(keys: AnswerKeys): void {
  keys.inner.destroy()
  keys.tag.destroy()
}
