import { describe, expect, it } from 'vitest'
import { Counts } from './counts.ts'
import { World } from './world.ts'

const seeds = Number(process.env.NOKKEL_SEEDS ?? 50)
const firstSeed = Number(process.env.NOKKEL_SEED ?? 1)

describe('worlds', () => {
  it('hold', async () => {
    const counts = new Counts()
    const began = performance.now()
    let failed = 0
    for (let seed = firstSeed; seed < firstSeed + (process.env.NOKKEL_SEED ? 1 : seeds); seed++) {
      const world = new World({ seed, devices: 4 + (seed % 3), steps: 40, realJoins: seed % 4 === 0, rates: { dropRequest: 0.05, dropAnswer: 0.05, repeat: 0.05, late: 0.03, cut: 0.05, kill: 0.01 }, diskFaults: 0.08 })
      try {
        counts.add(await world.run())
      } catch (error) {
        failed++
        if (failed <= Number(process.env.SHOW ?? 3)) console.log((error as Error).message)
        else console.log((error as Error).message.split('\n').slice(0, 3).join(' | ').slice(0,300))
      }
    }
    console.log(`${counts}\n${((performance.now() - began) / seeds).toFixed(1)} ms a seed`)
    expect(failed).toBe(0)
  }, 3_600_000)
})
