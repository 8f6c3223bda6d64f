/**
 * Where a device can be cut off. Everything that it does to the world goes through here: requests to the server and commits of its store. A
 * fault line counts both, and at one chosen place it
 * - `refuses` a request that never gets there,
 * - `loses` the answer to a request that the server has carried out,
 * - `waits` before a request until something else has happened, or
 * - `kills` the process after a commit, or after a request that changed something on the server, before anything else happens.
 * A process that is dead does nothing more, whatever its promises still try. Between two effects nothing that lasts changes, so dying after
 * each effect is dying anywhere.
 */
import type { CommitOptions, DeviceStore, StoreOp } from '@nokkel/store'
import type { Fetch } from '@nokkel/sync'

export type Fault =
  | { readonly kind: 'refuses' | 'loses'; readonly request: number }
  | { readonly kind: 'waits'; readonly request: number; readonly until: () => Promise<unknown> }
  | { readonly kind: 'kills'; readonly effect: number }

/** A dead process says nothing: no error of ours, and nothing that code could mistake for one. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

/** Signing in and registering have a first message that leaves nothing behind; asking for records changes nothing. */
const leavesNothing = /\/start$|\/records$/

export class FaultLine {
  readonly requests: { readonly label: string; readonly changes: boolean }[] = []
  readonly effects: string[] = []
  /** nothing gets out */
  cutOff = false
  #fault: Fault | null = null
  #end = new AbortController()

  get dead(): boolean {
    return this.#end.signal.aborted
  }

  /** Aborts when the process dies: who waits for it need not wait for its silence. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** Counts from here. */
  arm(fault: Fault | null): void {
    this.requests.length = 0
    this.effects.length = 0
    this.#fault = fault
  }

  /** A new process, and nothing more goes wrong. */
  revive(): void {
    this.#end = new AbortController()
    this.#fault = null
  }

  #ensureAlive(): void {
    if (this.dead) throw new Killed()
  }

  #happened(effect: string): void {
    this.effects.push(effect)
    if (this.#fault?.kind !== 'kills' || this.#fault.effect !== this.effects.length - 1) return
    this.#end.abort()
    throw new Killed()
  }

  readonly fetch: Fetch = async (url, init) => {
    this.#ensureAlive()
    const path = new URL(url).pathname.replaceAll(/[0-9a-f]{32}/g, '…')
    const label = `${init.method} ${path}`
    const changes = init.method !== 'GET' && !leavesNothing.test(path)
    const index = this.requests.push({ label, changes }) - 1
    const fault = this.#fault
    const isHere = fault !== null && fault.kind !== 'kills' && fault.request === index
    if (this.cutOff || (isHere && fault.kind === 'refuses')) throw new TypeError('fetch failed')
    if (isHere && fault.kind === 'waits') await fault.until()
    const response = await (globalThis.fetch as unknown as Fetch)(url, init)
    if (isHere && fault.kind === 'loses') {
      await response.arrayBuffer()
      throw new TypeError('fetch failed')
    }
    this.#ensureAlive()
    if (changes && response.ok) this.#happened(label)
    return response
  }

  store(inner: DeviceStore): DeviceStore {
    const alive = async <T>(work: () => Promise<T>): Promise<T> => {
      this.#ensureAlive()
      return work()
    }
    return {
      generation: () => alive(() => inner.generation()),
      get: (table, key) => alive(() => inner.get(table, key)),
      getMany: (table, keys) => alive(() => inner.getMany(table, keys)),
      list: (table) => alive(() => inner.list(table)),
      count: (table) => alive(() => inner.count(table)),
      commit: async (ops: readonly StoreOp[], options?: CommitOptions) => {
        this.#ensureAlive()
        const generation = await inner.commit(ops, options)
        this.#happened(
          `commit ${[...new Set(ops.map((op) => ('key' in op ? `${op.table}/${op.table === 'state' ? op.key : '…'}` : op.table)))].join(' ')}`,
        )
        return generation
      },
      close: () => inner.close(),
    }
  }
}
