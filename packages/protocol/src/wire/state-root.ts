/**
 * State root of a vault: one hash for the whole set of (item, record hash) pairs (SPEC SYN-7). 256 buckets by the first byte of
 * the item id, so that one edit rehashes one bucket, whatever the size of the vault.
 * bucket = H(item || record hash … sorted by item), empty = 32 zero bytes; root = H(bucket 0 || … || bucket 255)
 */
import { concatBytes, fromHex, type Bytes, type ItemId } from '@nokkel/base'
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

  /** The root that the present state would have with `changes` on top, without changing it. */
  rootWith(changes: Iterable<readonly [ItemId, Bytes]>): Bytes {
    this.root()
    const touched = new Map<number, Map<ItemId, Bytes>>()
    for (const [item, recordHash] of changes) {
      const bucket = bucketOf(item)
      const copy = touched.get(bucket) ?? new Map(this.#items[bucket])
      copy.set(item, recordHash)
      touched.set(bucket, copy)
    }
    const hashes = this.#hashes.slice()
    for (const [bucket, items] of touched) hashes.set(hashItems(items), bucket * hashBytes)
    return sha256(hashes)
  }

  #bucketHash(bucket: number): Bytes {
    return hashItems(this.#items[bucket] as Map<ItemId, Bytes>)
  }
}

function hashItems(items: ReadonlyMap<ItemId, Bytes>): Bytes {
  if (items.size === 0) return new Uint8Array(hashBytes)
  const sorted = [...items.keys()].sort()
  const out = new Uint8Array(items.size * entryBytes)
  let at = 0
  for (const item of sorted) {
    out.set(fromHex(item), at)
    out.set(items.get(item) as Bytes, at + 16)
    at += entryBytes
  }
  return sha256(concatBytes(out))
}
