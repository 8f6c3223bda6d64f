/** Doubles of what a realm's host brings: a key-encryption key, a counter and signers that live in memory. */
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Bytes, Random } from '@nokkel/base'
import { openRandom, sealRandom } from '@nokkel/crypto'
import type { KekCipher, MonotoneCounter } from '../realm/ports.ts'
import type { Signer } from '../realm/signer.ts'

export function createTestKek(random: Random): KekCipher {
  const key = random.bytes(32)
  return {
    seal: async (plaintext, aad) => sealRandom(random, key, aad, plaintext),
    open: async (sealed, aad) => openRandom(key, aad, sealed),
  }
}

export class MemoryCounter implements MonotoneCounter {
  #value: number | null

  constructor(value: number | null = null) {
    this.#value = value
  }

  async read(): Promise<number | null> {
    return this.#value
  }

  async advanceTo(value: number): Promise<number> {
    this.#value = Math.max(this.#value ?? 0, value)
    return this.#value
  }

  /** As after the loss of whatever holds it. */
  lose(): void {
    this.#value = null
  }
}

export function createTestSigner(random: Random): Signer {
  const seed = random.bytes(32)
  return { publicKey: ed25519.getPublicKey(seed) as Bytes, sign: (message) => ed25519.sign(message, seed) as Bytes }
}
