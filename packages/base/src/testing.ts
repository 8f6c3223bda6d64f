/** Doubles for tests and the simulator: a clock that moves when told and a seeded, reproducible random source. Never for products. */
import type { Bytes } from './bytes.ts'
import type { Clock, Random } from './ports.ts'

export class ManualClock implements Clock {
  #ms: number

  constructor(startMs = 1_760_000_000_000) {
    this.#ms = startMs
  }

  nowMs(): number {
    return this.#ms
  }

  advance(ms: number): void {
    this.#ms += ms
  }
}

/** xoshiro128** seeded by splitmix32: reproducible, and not for keys of real people. */
export class SeededRandom implements Random {
  readonly #state = new Uint32Array(4)

  constructor(seed: number) {
    let x = seed >>> 0
    for (let i = 0; i < 4; i++) {
      x = (x + 0x9e3779b9) >>> 0
      let z = x
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      this.#state[i] = (z ^ (z >>> 15)) >>> 0
    }
  }

  uint32(): number {
    const s = this.#state as unknown as [number, number, number, number]
    const product = Math.imul(s[1], 5)
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0
    const t = s[1] << 9
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = (s[3] << 11) | (s[3] >>> 21)
    return result
  }

  bytes(length: number): Bytes {
    const out = new Uint8Array(length)
    for (let i = 0; i < length; i += 4) {
      const word = this.uint32()
      for (let j = 0; j < 4 && i + j < length; j++) out[i + j] = (word >>> (8 * j)) & 255
    }
    return out
  }

  /** A uniform integer in [0, bound). */
  below(bound: number): number {
    return this.uint32() % bound
  }

  chance(probability: number): boolean {
    return this.uint32() / 0x1_0000_0000 < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }
}
