import { describe, expect, it, vi } from 'vitest'
import { Counts } from './counts.ts'
import { pace } from './fast-crypto.ts'
import { World } from './world.ts'

vi.mock('@noble/post-quantum/hybrid.js', async (importActual) => {
  const actual = await importActual<typeof import('@noble/post-quantum/hybrid.js')>()
  const { pacedKem } = await import('./fast-crypto.ts')
  return { ...actual, ml_kem768_x25519: pacedKem(actual.ml_kem768_x25519) }
})
vi.mock(import('../../packages/crypto/src/backend-node.ts'), async (importActual) => {
  const { remembering } = await import('./fast-crypto.ts')
  return { backend: remembering((await importActual()).backend) }
})

const seeds = Number(process.env.NOKKEL_SEEDS ?? 50)
const firstSeed = Number(process.env.NOKKEL_SEED ?? 1)

describe('worlds', () => {
  it('hold', async () => {
    const counts = new Counts()
    const began = performance.now()
    let failed = 0
    for (let seed = firstSeed; seed < firstSeed + (process.env.NOKKEL_SEED ? 1 : seeds); seed++) {
      const world = new World({ seed, devices: 4 + (seed % 3), steps: 40, realJoins: seed % 4 === 0, rates: { dropRequest: 0.05, dropAnswer: 0.05, repeat: 0.05, late: 0.03, cut: 0.05, kill: 0.01 }, diskFaults: 0.08 })
      pace.realKem = process.env.REAL === '1'
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
