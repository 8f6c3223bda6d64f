/** Devices that push without pause and remember what was acknowledged: byte for byte what must be there in the end, in this order. */
import { toHex } from '@nokkel/base'
import type { LogPosition } from '@nokkel/protocol/wire'
import { recordHash, type Circle } from '@nokkel/protocol/wire'
import { createPerson, Device, makeFrame, type MadeFrame, type Person } from 'nokkel-server/testing'

const patienceMs = 10_000

export class Writer {
  readonly #person: Person
  readonly #circle: Circle
  readonly acknowledged: Uint8Array[] = []
  #end: LogPosition
  /** sent, not acknowledged: sent again, as a client would */
  #pending: MadeFrame | null = null
  #stop = false
  #running: Promise<void> = Promise.resolve()
  /** answers that were neither an acknowledgement nor a reason to try again */
  readonly refusals: string[] = []

  private constructor(person: Person, circle: Circle) {
    this.#person = person
    this.#circle = circle
    this.#end = { seq: 0, hash: circle.genesisHash }
  }

  static async create(url: string): Promise<Writer> {
    const person = await createPerson(url)
    return new Writer(person, await person.device.circle())
  }

  start(): void {
    this.#stop = false
    this.#running = this.#write()
  }

  async stop(): Promise<void> {
    this.#stop = true
    await this.#running
  }

  async #write(): Promise<void> {
    while (!this.#stop) {
      const { device, vault } = this.#person
      const frame = (this.#pending ??= makeFrame(this.#circle, device, vault, this.#end, { payloadBytes: 700 }))
      const reply = await this.#push(frame)
      if (reply?.status === 200) {
        this.acknowledged.push(frame.batch)
        this.#end = frame.end
        this.#pending = null
      } else {
        if (reply !== undefined && reply.status < 500 && reply.problem.code !== 'busy' && reply.problem.code !== 'timeout')
          this.refusals.push(`${reply.status} ${reply.problem.code}`)
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
    }
  }

  async #push(frame: MadeFrame) {
    try {
      const { device, vault } = this.#person
      const late = AbortSignal.timeout(patienceMs)
      const body = frame.frame
      const size = new Uint8Array(4)
      new DataView(size.buffer).setUint32(0, body.length)
      return await device.call('push', { params: { vault }, body: Buffer.concat([size, body]), signal: late })
    } catch {
      return undefined
    }
  }

  /**
   * What the server at `url` has begins with everything acknowledged; one more may be in whose answer was lost. Says what is wrong with it, or
   * undefined.
   */
  async faultsAt(url: string): Promise<string | undefined> {
    const { device, vault } = this.#person
    const reader = new Device(url, 'cli', device.keys)
    reader.token = device.token
    const stored: string[] = []
    for (const page of await reader.changes(vault)) stored.push(...page.batches.map((batch) => toHex(recordHash(batch))))
    const lost = this.acknowledged.findIndex((batch, i) => stored[i] !== toHex(recordHash(batch)))
    if (lost >= 0) return `batch ${lost + 1} of ${this.acknowledged.length} is lost; ${stored.length} are there`
    const extra = stored.slice(this.acknowledged.length)
    if (extra.length === 0 || (extra.length === 1 && this.#pending !== null && extra[0] === toHex(recordHash(this.#pending.batch))))
      return undefined
    return `${extra.length} batches that nobody wrote`
  }
}
