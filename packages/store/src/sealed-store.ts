/**
 * A device store whose rows are sealed under the device's local master key. It sits between the client and any implementation,
 * which then holds ciphertext only. The associated data names table and key, so a row moved to another place does not open
 * (house rule 6). Table `meta` stays plain: it holds what is needed before the key is at hand (wrapped keys, format versions).
 *
 * It must not keep plaintext: nothing is cached. It cannot notice a row, or the whole file, replaced by an older one of the same
 * place; that is for the client, which compares with the other devices and the server.
 */
import { encodeCbor, isNokkelError, NokkelError, type Bytes } from '@nokkel/base'
import { checkKey, checkOps, checkTable } from './check-ops.ts'
import type { CommitOptions, DeviceStore, StoreOp, StoreRow, StoreTable } from './device-store.ts'

/**
 * An AEAD keyed with the 32-byte local master key. It holds the key as a `Secret` and reveals it for each call, so that after
 * `destroy()` both throw `locked`. `seal` must be safe to call again with the same arguments (a fresh nonce or salt inside).
 */
export interface LocalCipher {
  seal(aad: Uint8Array, plaintext: Uint8Array): Bytes
  /** Throws `open-failed` whatever the reason. */
  open(aad: Uint8Array, sealed: Uint8Array): Bytes
}

const label = 'nk/1/local/db'

export class SealedStore implements DeviceStore {
  readonly #store: DeviceStore
  readonly #cipher: LocalCipher

  /** Owns `store`: closing this closes it. */
  constructor(store: DeviceStore, cipher: LocalCipher) {
    this.#store = store
    this.#cipher = cipher
  }

  generation(): Promise<number> {
    return this.#store.generation()
  }

  /** Throws `store-damaged` (table) when the row does not open, `locked` when the key is gone. The same for the other reads. */
  async get(table: StoreTable, key: string): Promise<Bytes | undefined> {
    const sealed = await this.#store.get(table, key)
    return sealed === undefined ? undefined : this.#open(table, key, sealed)
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]> {
    const sealed = await this.#store.getMany(table, keys)
    return sealed.map((value, i) => (value === undefined ? undefined : this.#open(table, keys[i] as string, value)))
  }

  async list(table: StoreTable): Promise<StoreRow[]> {
    const rows = await this.#store.list(table)
    return rows.map(({ key, value }) => ({ key, value: this.#open(table, key, value) }))
  }

  count(table: StoreTable): Promise<number> {
    return this.#store.count(table)
  }

  async commit(ops: readonly StoreOp[], options: CommitOptions = {}): Promise<number> {
    checkOps(ops)
    const sealed = ops.map((op) => (op.op === 'put' && isSealed(op.table) ? { ...op, value: this.#seal(op.table, op.key, op.value) } : op))
    return this.#store.commit(sealed, options)
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  #seal(table: StoreTable, key: string, value: Uint8Array): Bytes {
    return this.#cipher.seal(placeOf(table, key), value)
  }

  #open(table: StoreTable, key: string, value: Bytes): Bytes {
    if (!isSealed(table)) return value
    try {
      return this.#cipher.open(placeOf(table, key), value)
    } catch (error) {
      if (isNokkelError(error, 'open-failed')) throw new NokkelError('store-damaged', { table })
      throw error
    }
  }
}

function isSealed(table: StoreTable): boolean {
  return table !== 'meta'
}

/** Deterministic CBOR, so that no two places share their associated data. */
function placeOf(table: StoreTable, key: string): Bytes {
  checkTable(table)
  checkKey(key)
  return encodeCbor([label, table, key])
}
