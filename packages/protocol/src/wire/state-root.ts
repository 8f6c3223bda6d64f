/**
 * State root of a vault: one hash for the whole set of (item, record hash) pairs (SPEC SYN-7). 256 buckets by the first byte of
 * the item id, so that one edit rehashes one bucket, whatever the size of the vault.
 * bucket = H(item || record hash … sorted by item), empty = 32 zero bytes; root = H(bucket 0 || … || bucket 255)
 */
import { fromHex, type Bytes, type ItemId } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'

export const bucketCount = 256
const hashBytes = 32
const entryBytes = 16 + hashBytes

export function bucketOf(item: ItemId): number {
  return Number.parseInt(item.slice(0, 2), 16)
}

export class StateRoot {
  readonly #items: readonly Map<ItemId, Bytes>[] = Array.from({ length: bucketCount }, () => new Map())
  readonly #hashes = new Uint8Array(bucketCount * hashBytes)
  readonly #stale = new Set<number>()

  set(item: ItemId, recordHash: Bytes): void {
    const bucket = bucketOf(item)
    ;(this.#items[bucket] as Map<ItemId, Bytes>).set(item, recordHash)
    this.#stale.add(bucket)
  }

  get(item: ItemId): Bytes | undefined {
    return this.#items[bucketOf(item)]?.get(item)
  }

  get size(): number {
    let size = 0
    for (const bucket of this.#items) size += bucket.size
    return size
  }

  *entries(): Iterable<readonly [ItemId, Bytes]> {
    for (const bucket of this.#items) yield* bucket
  }

  /** The root of the present state. */
  root(): Bytes {
    for (const bucket of this.#stale) this.#hashes.set(this.#bucketHash(bucket), bucket * hashBytes)
    this.#stale.clear()
    return sha256(this.#hashes)
  }

  /** A state with changes on top that can be taken back by forgetting it: for batches that are not accepted yet. */
  draft(): RootDraft {
    this.root()
    return new RootDraft(this.#items, this.#hashes.slice())
  }

  /** The root that the present state would have with `changes` on top. */
  rootWith(changes: Iterable<readonly [ItemId, Bytes]>): Bytes {
    const draft = this.draft()
    for (const [item, recordHash] of changes) draft.set(item, recordHash)
    return draft.root()
  }

  #bucketHash(bucket: number): Bytes {
    return hashItems(this.#items[bucket] as Map<ItemId, Bytes>)
  }
}

/** Changes over a `StateRoot` that must not change meanwhile. Copies only the buckets that it touches. */
export class RootDraft {
  readonly #base: readonly ReadonlyMap<ItemId, Bytes>[]
  readonly #hashes: Bytes
  readonly #touched = new Map<number, Map<ItemId, Bytes>>()
  readonly #stale = new Set<number>()

  constructor(base: readonly ReadonlyMap<ItemId, Bytes>[], hashes: Bytes) {
    this.#base = base
    this.#hashes = hashes
  }

  set(item: ItemId, recordHash: Bytes): void {
    const bucket = bucketOf(item)
    let items = this.#touched.get(bucket)
    if (items === undefined) this.#touched.set(bucket, (items = new Map(this.#base[bucket])))
    items.set(item, recordHash)
    this.#stale.add(bucket)
  }

  root(): Bytes {
    for (const bucket of this.#stale) this.#hashes.set(hashItems(this.#touched.get(bucket) as Map<ItemId, Bytes>), bucket * hashBytes)
    this.#stale.clear()
    return sha256(this.#hashes)
  }
}

function hashItems(items: ReadonlyMap<ItemId, Bytes>): Bytes {
  if (items.size === 0) return new Uint8Array(hashBytes)
  const out = new Uint8Array(items.size * entryBytes)
  let at = 0
  // hexadecimal sorts as its bytes do
  for (const item of [...items.keys()].sort()) {
    out.set(fromHex(item), at)
    out.set(items.get(item) as Bytes, at + 16)
    at += entryBytes
  }
  return sha256(out)
}
