/** The outside world as arguments: nothing below the apps reads a clock, random numbers or the network by itself (house rule 12). */
import type { Bytes } from './bytes.ts'

export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z by this machine's clock, which may be wrong. */
  nowMs(): number
}

export interface Random {
  /** `length` unpredictable bytes. */
  bytes(length: number): Bytes
}

/** The platform's own clock. */
export const systemClock: Clock = { nowMs: () => Date.now() }

/** The platform's CSPRNG (WebCrypto `getRandomValues`). */
export const systemRandom: Random = {
  bytes(length) {
    const out = new Uint8Array(length)
    // getRandomValues takes at most 65,536 bytes a call
    for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(out.subarray(at, Math.min(length, at + 65_536)))
    return out
  },
}

/** A uniform integer in [0, bound), by rejection; `bound` at most 2^32. */
export function randomBelow(random: Random, bound: number): number {
  const limit = Math.floor(0x1_0000_0000 / bound) * bound
  for (;;) {
    const b = random.bytes(4)
    const value = (((b[0] as number) << 24) | ((b[1] as number) << 16) | ((b[2] as number) << 8) | (b[3] as number)) >>> 0
    if (value < limit) return value % bound
  }
}
