/** People whose devices stay in sync all the time, and the question whether all of them have everything: what "healed" means, for tests and for the bench. */
import type { Client } from '@nokkel/client'
import type { Fleet } from './fleet.ts'

export class People {
  readonly groups: readonly (readonly Client[])[]
  readonly #devicesEach: number
  readonly #online = new Map<Client, boolean>()
  readonly #watching = new AbortController()
  readonly #watches: Promise<void>[] = []
  #written = 0

  private constructor(groups: readonly (readonly Client[])[], devicesEach: number) {
    this.groups = groups
    this.#devicesEach = devicesEach
    for (const client of groups.flat()) {
      const onChange = (change: { readonly type: string }): void => {
        if (change.type === 'online' || change.type === 'offline') this.#online.set(client, change.type === 'online')
      }
      this.#watches.push(client.watch(onChange, { signal: this.#watching.signal }))
    }
  }

  static async start(fleet: Fleet, people: number, devicesEach: number): Promise<People> {
    return new People(await Promise.all(Array.from({ length: people }, (_, i) => fleet.person(`person-${i}`, devicesEach))), devicesEach)
  }

  /** Each device writes; saved on the device whatever the servers do. Resolves when each has sent it, or has given up for now. */
  async write(): Promise<void> {
    this.#written++
    const fields = (by: number) =>
      new Map([
        ['title', `${this.#written} by ${by}`],
        ['password', 'x'],
      ])
    await Promise.all(this.groups.flatMap((group) => group.map((client, i) => client.addItem({ kind: 'password', fields: fields(i) }))))
  }

  /** Every device of a person shows all items of that person, has sent all of its own, and is connected. */
  async healed(): Promise<boolean> {
    for (const group of this.groups)
      for (const client of group) {
        const { items, pendingChanges } = await client.status()
        if (items !== this.#written * this.#devicesEach || pendingChanges !== 0 || this.#online.get(client) !== true) return false
      }
    return true
  }

  async end(): Promise<void> {
    this.#watching.abort()
    await Promise.allSettled(this.#watches)
    await Promise.all(this.groups.flat().map((client) => client.close()))
  }
}
