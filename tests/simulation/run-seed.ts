/** From a seed to a world: how many devices, how long, how rough. Everything follows from the seed. */
import type { Counts } from './counts.ts'
import { pace } from './fast-crypto.ts'
import { World, type WorldOptions } from './world.ts'

const realKemEvery = 20
const codeJoinsEvery = 4

export function optionsOf(seed: number): WorldOptions {
  const rough = 1 + (seed % 3)
  return {
    seed,
    ...(seed % 200 === 150
      ? { devices: 8, steps: 100 }
      : seed % 20 === 15
        ? { devices: 6, steps: 40 }
        : { devices: 4 + (seed % 2), steps: 10 }),
    realJoins: seed % codeJoinsEvery === 0,
    rates: {
      dropRequest: 0.02 * rough,
      dropAnswer: 0.02 * rough,
      repeat: 0.02 * rough,
      late: 0.015 * rough,
      cut: 0.02 * rough,
      kill: 0.006 * rough,
    },
    diskFaults: 0.04 * rough,
  }
}

export async function runSeed(seed: number, changes: Partial<WorldOptions> = {}): Promise<Counts> {
  pace.realKem = seed % realKemEvery === 0
  return new World({ ...optionsOf(seed), ...changes }).run()
}
