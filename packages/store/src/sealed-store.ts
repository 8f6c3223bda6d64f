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
 * `destroy()` both throw `locked`. Many messages at once, because a platform may do them faster so; what comes out is as of single ones.
 * `sealMany` must be safe to call again with the same arguments (a fresh nonce or salt inside).
 */
export interface LocalCipher {
  sealMany(messages: readonly { readonly aad: Uint8Array; readonly plaintext: Uint8Array }[]): Promise<readonly Bytes[]>
  /** Throws `open-failed` whatever the reason, when one does not open. */
  openMany(messages: readonly { readonly aad: Uint8Array; readonly sealed: Uint8Array }[]): Promise<readonly Bytes[]>
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
    return sealed === undefined ? undefined : (await this.#openAll(table, [{ key, value: sealed }]))[0]
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]> {
    const sealed = await this.#store.getMany(table, keys)
    const found = sealed.flatMap((value, i) => (value === undefined ? [] : [{ key: keys[i] as string, value }]))
    const opened = (await this.#openAll(table, found)).values()
    return sealed.map((value) => (value === undefined ? undefined : opened.next().value))
  }

  async list(table: StoreTable): Promise<StoreRow[]> {
    const rows = await this.#store.list(table)
    const opened = await this.#openAll(table, rows)
    return rows.map(({ key }, i) => ({ key, value: opened[i] as Bytes }))
  }

  count(table: StoreTable): Promise<number> {
    return this.#store.count(table)
  }

  async commit(ops: readonly StoreOp[], options: CommitOptions = {}): Promise<number> {
    checkOps(ops)
    const messages = ops.flatMap((op) => (toSeal(op) ? [{ aad: placeOf(op.table, op.key), plaintext: op.value }] : []))
    const sealed = (await this.#cipher.sealMany(messages)).values()
    return this.#store.commit(
      ops.map((op) => (toSeal(op) ? { ...op, value: sealed.next().value as Bytes } : op)),
      options,
    )
  }

  close(): Promise<void> {
    return this.#store.close()
  }

  async #openAll(table: StoreTable, rows: readonly StoreRow[]): Promise<readonly Bytes[]> {
    if (!isSealed(table)) return rows.map(({ value }) => value)
    try {
      return await this.#cipher.openMany(rows.map(({ key, value }) => ({ aad: placeOf(table, key), sealed: value })))
    } catch (error) {
      if (isNokkelError(error, 'open-failed')) throw new NokkelError('store-damaged', { table })
      throw error
    }
  }
}

const toSeal = (op: StoreOp): op is StoreOp & { readonly op: 'put' } => op.op === 'put' && isSealed(op.table)

function isSealed(table: StoreTable): boolean {
  return table !== 'meta'
}

/** Deterministic CBOR, so that no two places share their associated data. */
function placeOf(table: StoreTable, key: string): Bytes {
  checkTable(table)
  checkKey(key)
  return encodeCbor([label, table, key])
}
