/** Reproducible hostile input for tests. */
import { newId as newAnyId, systemRandom, type RequestId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'

export interface Attack {
  readonly name: string
  readonly bodies: () => readonly Uint8Array[]
}

export class SeededBytes {
  readonly #random: SeededRandom

  constructor(seed: number) {
    this.#random = new SeededRandom(seed)
  }

  next(length: number): Uint8Array {
    return this.#random.bytes(length)
  }

  below(bound: number): number {
    return this.#random.below(bound)
  }
}

export const newId = (): string => newAnyId<RequestId>(systemRandom)
