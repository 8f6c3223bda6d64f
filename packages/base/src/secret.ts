/**
 * Key material in memory. A `Secret` cannot be printed, serialised or compared by accident; its bytes are reachable only
 * through `reveal()`, which reads well in review, and are zeroed by `destroy()` (house rule 9).
 * Zeroing is best effort: a JavaScript engine may have copied the buffer before.
 */
import { NokkelError } from './errors.ts'
import type { Bytes } from './bytes.ts'

const shown = '[secret]'

export class Secret {
  #bytes: Bytes | null

  /** Takes ownership of `bytes`: the caller must not keep or change them. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes as Bytes
  }

  /** The bytes themselves, not a copy. Throws `locked` after `destroy()`. */
  reveal(): Bytes {
    if (this.#bytes === null) throw new NokkelError('locked')
    return this.#bytes
  }

  get destroyed(): boolean {
    return this.#bytes === null
  }

  destroy(): void {
    this.#bytes?.fill(0)
    this.#bytes = null
  }

  toString(): string {
    return shown
  }

  toJSON(): string {
    return shown
  }

  [Symbol.toPrimitive](): string {
    return shown
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return shown
  }
}
