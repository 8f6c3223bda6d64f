/**
 * What a device signs that resets the keychain (D4, SPEC LIF-4), so that the account's other devices can tell who did it: the circle that
 * ends, at its head, and the one that takes its place. A reset without any device left to sign it is told as such, and never as somebody's.
 */
import { encodeCbor, idToBytes, type AccountId, type Bytes } from '@nokkel/base'
import { formatVersion } from './labels.ts'

export interface Reset {
  readonly account: AccountId
  readonly head: Bytes
  readonly newGenesisHash: Bytes
}

/** Signed with the label `nk/1/reset` by a device of the circle that ends. */
export function resetBody(reset: Reset): Bytes {
  return encodeCbor([formatVersion, idToBytes(reset.account), reset.head, reset.newGenesisHash])
}
