/**
 * State root of a vault: one hash for the whole set of (item, record hash) pairs (SPEC SYN-7). 256 buckets by the first byte of
 * the item id, so that one edit rehashes one bucket, whatever the size of the vault.
 * bucket = H(item || record hash … sorted by item), empty = 32 zero bytes; root = H(bucket 0 || … || bucket 255)
 */
import { fromHex, type Bytes, type ItemId } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'

export const bucketCount = 256
const hashBytes = 32
const idBytes = 16
const entryBytes = idBytes + hashBytes

export function bucketOf(item: ItemId): number {
  return Number.parseInt(item.slice(0, 2), 16)
}

export class StateRoot {
  readonly #buckets: readonly Bucket[] = Array.from({ length: bucketCount }, () => new Bucket())
  readonly #hashes = new Uint8Array(bucketCount * hashBytes)
  readonly #stale = new Set<number>()

  set(item: ItemId, recordHash: Bytes): void {
    const bucket = bucketOf(item)
    ;(this.#buckets[bucket] as Bucket).set(item, recordHash)
    this.#stale.add(bucket)
  }

  /** The root of the present state. */
  root(): Bytes {
    for (const bucket of this.#stale) this.#hashes.set((this.#buckets[bucket] as Bucket).hash(), bucket * hashBytes)
    this.#stale.clear()
    return sha256(this.#hashes)
  }

  /** A state with changes on top that can be taken back by forgetting it: for batches that are not accepted yet. */
  draft(): RootDraft {
    this.root()
    return new RootDraft(this.#buckets, this.#hashes.slice())
  }

  /** The root that the present state would have with `changes` on top. */
  rootWith(changes: Iterable<readonly [ItemId, Bytes]>): Bytes {
    const draft = this.draft()
    for (const [item, recordHash] of changes) draft.set(item, recordHash)
    return draft.root()
  }
}

/** Changes over a `StateRoot` that must not change meanwhile. Copies only the buckets that it touches. */
export class RootDraft {
  readonly #base: readonly Bucket[]
  readonly #hashes: Bytes
  readonly #touched = new Map<number, Bucket>()
  readonly #stale = new Set<number>()

  constructor(base: readonly Bucket[], hashes: Bytes) {
    this.#base = base
    this.#hashes = hashes
  }

  set(item: ItemId, recordHash: Bytes): void {
    const bucket = bucketOf(item)
    let items = this.#touched.get(bucket)
    if (items === undefined) this.#touched.set(bucket, (items = (this.#base[bucket] as Bucket).copy()))
    items.set(item, recordHash)
    this.#stale.add(bucket)
  }

  root(): Bytes {
    for (const bucket of this.#stale) this.#hashes.set((this.#touched.get(bucket) as Bucket).hash(), bucket * hashBytes)
    this.#stale.clear()
    return sha256(this.#hashes)
  }
}

/** The entries as they are hashed, always sorted: an import rehashes every bucket a hundred times over. */
class Bucket {
  #bytes: Bytes
  #size: number

  constructor(bytes: Bytes = new Uint8Array(), size = 0) {
    this.#bytes = bytes
    this.#size = size
  }

  copy(): Bucket {
    return new Bucket(this.#bytes.slice(), this.#size)
  }

  set(item: ItemId, recordHash: Bytes): void {
    const id = fromHex(item)
    let [from, to] = [0, this.#size]
    while (from < to) {
      const middle = (from + to) >>> 1
      if (this.#compare(middle, id) < 0) from = middle + 1
      else to = middle
    }
    if (from === this.#size || this.#compare(from, id) !== 0) this.#insert(from, id)
    this.#bytes.set(recordHash, from * entryBytes + idBytes)
  }

  hash(): Bytes {
    return this.#size === 0 ? new Uint8Array(hashBytes) : sha256(this.#bytes.subarray(0, this.#size * entryBytes))
  }

  #compare(at: number, id: Bytes): number {
    for (let i = 0; i < idBytes; i++) {
      const difference = (this.#bytes[at * entryBytes + i] as number) - (id[i] as number)
      if (difference !== 0) return difference
    }
    return 0
  }

  #insert(at: number, id: Bytes): void {
    const end = this.#size * entryBytes
    if (end === this.#bytes.length) {
      const grown = new Uint8Array(Math.max(8, this.#size * 2) * entryBytes)
      grown.set(this.#bytes)
      this.#bytes = grown
    }
    this.#bytes.copyWithin((at + 1) * entryBytes, at * entryBytes, end)
    this.#bytes.set(id, at * entryBytes)
    this.#size++
  }
}
