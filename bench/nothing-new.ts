/**
 * Figure `nothing-new`: a whole synchronisation round of a device with 10,000 items when nothing has changed: the circle asked for, the
 * log asked for, nothing pushed. Beside it the same number of requests to a bare route.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { countingProxy } from './parts/counting-proxy.ts'
import { createVault, joinDevice, newEmail } from './parts/device.ts'
import { alternate, figureOf, peerOf } from './parts/figures.ts'
import { inWorld } from './parts/world.ts'

const count = 10_000
const rounds = 200

await inWorld(async (world) => {
  const server = await world.server()
  const email = newEmail()
  const client = await createVault(server.url, world.place(), count, email)
  const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
  const { url } = await bare.line()
  const times = await alternate(rounds, {
    async ours() {
      const from = performance.now()
      const { pulled, pushed } = await client.sync()
      if (pulled + pushed > 1) throw new Error('something was new')
      return performance.now() - from
    },
    async plain() {
      const from = performance.now()
      for (let request = 0; request < 2; request++) await (await fetch(`${String(url)}/empty`)).arrayBuffer()
      return performance.now() - from
    },
  })
  const ours = figureOf('nothing-new', 'ms', times.ours)
  figureOf('nothing-new-p99', 'ms', times.ours, 0.99)
  peerOf(ours, 'two GETs of a bare Hono route', times.plain)

  const proxy = await countingProxy(server.url)
  const second = await joinDevice(proxy.url, world.place(), email, client)
  await second.sync()
  const bytes: number[] = []
  for (let round = 0; round < 5; round++) {
    proxy.take()
    await second.sync()
    const { up, down } = proxy.take()
    bytes.push(up + down)
  }
  figureOf('nothing-new-bytes', 'B', bytes)
  await second.close()
  await client.close()
  proxy.stop()
})
