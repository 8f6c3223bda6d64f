/**
 * What this device and its server have to do with each other over time: staying in sync, waiting to be approved, and what ended either. Says nothing
 * itself and opens nothing: whoever holds the device is told through `LiveHost`.
 */
import { isNokkelError } from '@nokkel/base'
import type { Client, DeviceState, JoinRequestInfo, Progress } from '@nokkel/client'
import type { Failure } from '../protocol.ts'
import { failureOf } from './failure.ts'
import { forgetOffers } from './offers.ts'
import { forgetAllSaving } from './saving.ts'

export interface LiveHost {
  readonly client: () => Client
  /** to be told to whoever shows it */
  readonly publish: () => Promise<void>
  readonly itemsChanged: () => void
  readonly autofillChanged: () => Promise<void>
  /** The device has become another: everything is read anew. */
  readonly settle: () => Promise<void>
}

export class Live {
  readonly #host: LiveHost
  #joinRequests: readonly JoinRequestInfo[] = []
  #joinProgress: Progress | null = null
  #joinEnded: Failure | null = null
  #problem: Failure | null = null
  /** whether the server is there is not known yet */
  #connecting = false
  #watching: AbortController | null = null
  #joining: AbortController | null = null

  constructor(host: LiveHost) {
    this.#host = host
  }

  get joinRequests(): readonly JoinRequestInfo[] {
    return this.#joinRequests
  }
  get joinProgress(): Progress | null {
    return this.#joinProgress
  }
  get joinEnded(): Failure | null {
    return this.#joinEnded
  }
  get problem(): Failure | null {
    return this.#problem
  }
  get connecting(): boolean {
    return this.#connecting
  }

  /** What a device in this state has to do with its server. */
  async begin(state: DeviceState): Promise<void> {
    if (state === 'trusted') void this.#watch()
    else if (state === 'signed-in' && (await this.#host.client().status()).joinRequest !== null) void this.#awaitJoin()
  }

  /** After a while in which nothing ran: a machine that slept, a background that was ended. */
  again(): void {
    if (this.#watching === null) void (this.#problem === null ? this.#watch() : this.sync().catch(() => undefined))
  }

  /** What was said holds until a round went well: an alarm every half minute must not make it flicker. */
  async sync(): Promise<void> {
    try {
      await this.#host.client().sync()
      this.#problem = null
    } catch (error) {
      // whoever watches finds out by itself, and says it
      if (this.#watching === null && !(isNokkelError(error) && error.group === 'offline')) await this.#ended(error)
      throw error
    } finally {
      await this.#host.publish()
    }
    // one that waits to be served again would wait on
    void this.#watch()
  }

  async refreshRequests(): Promise<void> {
    this.#joinRequests = await this.#host
      .client()
      .joinRequests()
      .then(
        (all) => all.filter(({ state }) => state === 'pending'),
        () => this.#joinRequests,
      )
  }

  stop(): void {
    this.#watching?.abort()
    this.#joining?.abort()
    this.#watching = null
    this.#joining = null
    this.#connecting = false
  }

  async withdrawJoin(): Promise<void> {
    this.#joining?.abort()
    await this.#host.client().withdrawJoin()
    this.#joinProgress = null
  }

  /** At a lock: who asks to be let in is known to the open keychain alone. */
  forgetRequests(): void {
    this.#joinRequests = []
  }

  forgetProblem(): void {
    this.#problem = null
  }

  async #watch(): Promise<void> {
    this.#watching?.abort()
    const own = new AbortController()
    this.#watching = own
    this.#connecting = true
    const host = this.#host
    try {
      await host.client().watch(
        (change) => {
          this.#connecting = false
          if (change.type === 'item' || change.type === 'circle') host.itemsChanged()
          if (change.type === 'settings') void host.autofillChanged()
          else if (change.type === 'join-request' || change.type === 'online' || change.type === 'circle')
            void this.refreshRequests().then(host.publish)
          else void host.publish()
        },
        { signal: own.signal },
      )
    } catch (error) {
      if (!own.signal.aborted) await this.#ended(error)
    }
  }

  /** Somebody has to act; until then it is said. Of a device that is out nothing of before is listed, offered or asked (B3). */
  async #ended(error: unknown): Promise<void> {
    this.stop()
    this.#problem = failureOf(error)
    if ((await this.#host.client().state()) !== 'trusted') {
      forgetOffers()
      await forgetAllSaving()
      this.forgetRequests()
    }
    this.#host.itemsChanged()
    await this.#host.publish()
  }

  async #awaitJoin(): Promise<void> {
    this.#joining?.abort()
    const own = new AbortController()
    this.#joining = own
    this.#joinEnded = null
    try {
      await this.#host.client().waitForJoin({
        signal: own.signal,
        onProgress: (progress) => {
          this.#joinProgress = progress
          void this.#host.publish()
        },
      })
    } catch (error) {
      if (own.signal.aborted) return
      if ((await this.#host.client().state()) !== 'trusted') this.#joinEnded = failureOf(error)
    }
    this.#joining = null
    this.#joinProgress = null
    await this.#host.settle()
  }
}
