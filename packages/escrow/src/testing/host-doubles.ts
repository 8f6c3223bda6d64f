/** Doubles of what a realm's host brings: a key-encryption key, a counter and signers that live in memory. */
import { utf8Decode, type Random } from '@nokkel/base'
import { createSigningKey, openRandom, sealRandom, sign } from '@nokkel/crypto'
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
  const key = createSigningKey(random)
  return {
    publicKey: key.publicKey,
    sign(message) {
      // label || 0x00 || body, which is what `sign` puts together
      const end = message.indexOf(0)
      return sign(key, utf8Decode(message.subarray(0, end)), message.subarray(end + 1))
    },
  }
}
