/**
 * A value for each tab that outlives the background, which the browser ends after half a minute without work. It lies in `storage.session`:
 * memory of the browser, never a file, closed to content scripts, gone with the browser. Each value has its time, and is gone when that is over.
 */
import { browser } from '../browser.ts'

interface Timed {
  readonly sinceMs: number
}

export class SessionMap<Value extends Timed> {
  readonly #name: string
  readonly #keptMs: number
  #values = new Map<number, Value>()
  #writing: Promise<void> = Promise.resolve()

  constructor(name: string, keptMs: number) {
    this.#name = name
    this.#keptMs = keptMs
  }

  /** Before anything else is asked of it. What was put in since then stays. */
  async load(): Promise<void> {
    const found = (await browser.storage.session.get(this.#name))[this.#name]
    // nobody else writes there
    if (Array.isArray(found)) this.#values = new Map([...(found as readonly (readonly [number, Value])[]), ...this.#values])
    this.purge()
  }

  /** Of a time to come: by a clock that was set back, which must keep nothing for longer. */
  #isOver({ sinceMs }: Value): boolean {
    const ageMs = Date.now() - sinceMs
    return ageMs < 0 || ageMs > this.#keptMs
  }

  get(tabId: number): Value | undefined {
    const found = this.#values.get(tabId)
    return found === undefined || this.#isOver(found) ? undefined : found
  }

  values(): readonly Value[] {
    return [...this.#values.values()].filter((value) => !this.#isOver(value))
  }

  set(tabId: number, value: Value): void {
    this.#values.set(tabId, value)
    void this.write()
  }

  delete(tabId: number): void {
    if (this.#values.delete(tabId)) void this.write()
  }

  clear(): Promise<void> {
    this.#values.clear()
    return this.write()
  }

  /** What nobody asks for any more goes too; an alarm calls this, so that it goes in time. */
  purge(): void {
    for (const [tabId, value] of this.#values) if (this.#isOver(value)) this.delete(tabId)
  }

  /** After a value was changed in place. One after the other: what is written last is what holds. */
  write(): Promise<void> {
    const write = async (): Promise<void> => {
      if (this.#values.size === 0) await browser.storage.session.remove([this.#name])
      else await browser.storage.session.set({ [this.#name]: [...this.#values] })
    }
    // a full session storage keeps nothing for another life of the background; this one has it all the same
    this.#writing = this.#writing.then(write).catch(() => undefined)
    return this.#writing
  }
}
