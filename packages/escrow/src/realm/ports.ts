/** What the realm's host brings besides the store: the key around the shares, the counter that no backup brings back, and ears. */
import type { AccountId, Bytes, Clock, Random } from '@nokkel/base'
import type { StateReason } from './answers.ts'
import type { RealmId, RecordSlot, RegistrationId } from './ids.ts'
import type { RealmStore } from './realm-store.ts'
import type { Signer } from './signer.ts'

/**
 * Seals under a key-encryption key that is not in the store (TPM, KMS, or a file elsewhere): AES-256-GCM with a random nonce or better.
 * Without it a stolen store is noise. `open` throws for anything that `seal` did not make for the same `aad`.
 */
export interface KekCipher {
  seal(plaintext: Bytes, aad: Bytes): Promise<Bytes>
  open(sealed: Bytes, aad: Bytes): Promise<Bytes>
}

/**
 * A number that only goes up, kept where a restored backup of the store does not reach it (TPM, KMS, or a file on another volume and in
 * no backup). It is what makes a rolled-back store useless: see `RealmCore`.
 */
export interface MonotoneCounter {
  /** null: never written. Throws where the counter cannot be read, rather than guess. */
  read(): Promise<number | null>
  /** Raises it to at least `value`, durably, and returns what it then is: more, where it stood higher before. */
  advanceTo(value: number): Promise<number>
}

/** For notices to the person's devices and for the operator's metrics. Told after the fact; may be lost when the process dies. */
export type RealmEvent =
  | {
      readonly type: 'attempted' | 'recovered'
      readonly account: AccountId
      readonly slot: RecordSlot
      readonly registration: RegistrationId
      readonly left: number
    }
  | {
      readonly type: 'burned'
      readonly account: AccountId
      readonly slot: RecordSlot
      readonly registration: RegistrationId
      readonly reason: StateReason
    }
  /** an older state of the store was found; every record that it held is locked */
  | { readonly type: 'rolled-back'; readonly storeEpoch: number; readonly counter: number | null }

export interface RealmPorts {
  readonly id: RealmId
  readonly store: RealmStore
  readonly counter: MonotoneCounter
  readonly kek: KekCipher
  readonly clock: Clock
  readonly random: Random
  readonly signer: Signer
  /** Ed25519 keys of the sign-in server; two while it changes its key */
  readonly tokenIssuers: readonly Bytes[]
  /** Must not throw. */
  readonly notify?: (event: RealmEvent) => void
}
