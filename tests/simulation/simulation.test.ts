/**
 * Thousands of small worlds, one seed each (protocol section 5, invariants I1 … I5, I8, I10). A failing seed says how to repeat it and
 * becomes a named test in regressions.test.ts.
 *   NOKKEL_SEED=n        this seed alone, with its last steps when it fails
 *   NOKKEL_SEEDS=n       this many seeds instead of the usual number
 *   NOKKEL_SIM_HOURS=h   new seeds for so long
 * Crypto: every twentieth seed runs on the real thing throughout; in the others X-Wing alone is a stand-in (fast-crypto.ts).
 */
import { describe, expect, it, vi } from 'vitest'
import { Counts } from './counts.ts'
import { runSeed } from './run-seed.ts'

vi.mock('@noble/post-quantum/hybrid.js', async (importActual) => {
  const actual = await importActual<typeof import('@noble/post-quantum/hybrid.js')>()
  const { pacedKem } = await import('./fast-crypto.ts')
  return { ...actual, ml_kem768_x25519: pacedKem(actual.ml_kem768_x25519) }
})
vi.mock(import('../../packages/crypto/src/backend-node.ts'), async (importActual) => {
  const { remembering } = await import('./fast-crypto.ts')
  return { backend: remembering((await importActual()).backend) }
})

const usualSeeds = 2_000
const failuresMost = 5
const { NOKKEL_SEED, NOKKEL_SEEDS, NOKKEL_SIM_HOURS } = process.env
const hourMs = 3_600_000

/** The seeds of this run, one after the other. */
function* seedsOfRun(): Generator<number> {
  if (NOKKEL_SEED !== undefined) return yield Number(NOKKEL_SEED)
  if (NOKKEL_SIM_HOURS === undefined) {
    for (let seed = 1; seed <= Number(NOKKEL_SEEDS ?? usualSeeds); seed++) yield seed
    return
  }
  const until = Date.now() + Number(NOKKEL_SIM_HOURS) * hourMs
  // seeds that no run before has had
  for (let seed = Math.floor(Date.now() / 1_000) % 1_000_000_000; Date.now() < until; seed++) yield seed
}

/** What every run must have met; otherwise it has shown nothing. */
const mustHappen = {
  operations: [
    'add',
    'edit',
    'editSwitch',
    'delete',
    'restore',
    'purge',
    'restoreHistory',
    'bulkAdd',
    'decide',
    'rename',
    'sync',
    'twoAtOnce',
    'twoProcesses',
    'newerClient',
    'remove',
    'turnOff',
    'newDevice',
    'signIn',
    'join',
  ],
  faults: [
    'dropRequest',
    'dropAnswer',
    'repeat',
    'late',
    'cut',
    'kill',
    'parted',
    'crash-before',
    'crash-after',
    'disk-full',
    'clock jump',
    'server crash',
    'server restored',
    'clone',
  ],
  outcomes: [
    'quiet points',
    'merges',
    'conflicts in histories',
    'crashes',
    'rotations',
    'removed',
    'left',
    'joined by code',
    'joined again',
    'records tried with old keys',
    'bytes searched for plaintext',
    'clones named',
  ],
} as const

describe('simulated worlds', () => {
  it(
    'I1–I5, I8, I10 hold whatever happens to devices, network, disks, clocks and server',
    { timeout: (Number(NOKKEL_SIM_HOURS ?? 0) + 1) * hourMs },
    async () => {
      const counts = new Counts()
      const failures: string[] = []
      const beganMs = performance.now()
      let ran = 0
      for (const seed of seedsOfRun()) {
        ran++
        try {
          counts.add(await runSeed(seed))
        } catch (error) {
          failures.push(error instanceof Error ? error.message : String(error))
          console.log(failures.at(-1))
          if (failures.length >= failuresMost) break
        }
      }
      console.log(`${ran} seeds in ${((performance.now() - beganMs) / 1_000).toFixed(0)} s\n${counts}`)
      expect(failures).toEqual([])
      if (NOKKEL_SEED === undefined && ran >= usualSeeds)
        for (const [group, kinds] of Object.entries(mustHappen))
          for (const kind of kinds) expect(counts[group as keyof typeof mustHappen].get(kind) ?? 0, `${group}: ${kind}`).toBeGreaterThan(0)
    },
  )

  it('a seed is a run: the same seed does the same again', async () => {
    const [once, again] = [await runSeed(5), await runSeed(5)]
    expect(again.toString()).toBe(once.toString())
  })
})
