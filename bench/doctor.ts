/**
 * Figure `doctor`: a whole examination, every cause looked at, of a trusted device with 10,000 items: online, and offline (nobody listens at the
 * server's address). In process; the file under the keychain is read through as `nokkel doctor` does it. Beside it the observation that costs
 * most, the file itself.
 */
import { clientObservations, examine, type Examination } from '@nokkel/doctor'
import { observeNodeStore } from '@nokkel/client/node'
import { createVault } from './parts/device.ts'
import { alternate, figureOf, runs } from './parts/figures.ts'
import { inWorld } from './parts/world.ts'

const count = 10_000

await inWorld(async (world) => {
  const server = await world.server()
  const home = world.place()
  const client = await createVault(server.url, home, count)
  const look = (): Promise<Examination> =>
    examine({
      surface: 'cli',
      version: '0.1.0',
      symptom: null,
      observe: clientObservations({ observer: client.observe, store: () => observeNodeStore(home) }),
      nowMs: Date.now,
      pause: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, ms)
          signal.addEventListener('abort', () => {
            clearTimeout(timer)
            resolve()
          })
        }),
    })
  const timed = async (expected: readonly string[]): Promise<number> => {
    const from = performance.now()
    const { findings } = await look()
    const found = findings.map(({ code }) => code)
    if (found.join() !== expected.join()) throw new Error(`found ${found.join()}`)
    return performance.now() - from
  }
  const online = await alternate(runs(), {
    doctor: () => timed([]),
    async file() {
      const from = performance.now()
      await observeNodeStore(home)
      return performance.now() - from
    },
  })
  figureOf('doctor-online', 'ms', online.doctor)
  figureOf('doctor-file', 'ms', online.file)
  await server.stop()
  const offline = await alternate(runs(), { doctor: () => timed(['server-unreachable']) })
  figureOf('doctor-offline', 'ms', offline.doctor)
  await client.close()
})
