/**
 * Figure `edit-sync`: one of 10,000 items edited, until the change is on this disk and the server has acknowledged it from its own; and
 * the bytes on the wire, HTTP heads included, for the device that edits and for one that then takes the edit in.
 */
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { diskSyncs } from './parts/baseline.ts'
import { countingProxy } from './parts/counting-proxy.ts'
import { createVault, joinDevice, newEmail } from './parts/device.ts'
import { ensureSent, itemsToEdit, timedEdit } from './parts/edits.ts'
import { alternate, figureOf, peerOf } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { kdbxFile, loadKdbx } from './parts/peers.ts'
import { inWorld } from './parts/world.ts'

const count = 10_000
const edits = 100
/** what a push of one record weighs, about */
const pushBytes = 1_500

await inWorld(async (world) => {
  const server = await world.server()
  const email = newEmail()
  const client = await createVault(server.url, world.place(), count, email)
  const items = await itemsToEdit(client, edits + 10)
  const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
  const { url } = await bare.line()
  const body = randomBytes(pushBytes)
  let at = 0
  const times = await alternate(edits, {
    ours: () => timedEdit(client, items[at++ % items.length]!),
    async plain() {
      const from = performance.now()
      await (await fetch(`${String(url)}/append`, { method: 'POST', body })).json()
      return performance.now() - from
    },
    disk: () => diskSyncs(world.folder, 1)[0] ?? 0,
  })
  await ensureSent(client)
  const ours = figureOf('edit-sync', 'ms', times.ours)
  const late = figureOf('edit-sync-p99', 'ms', times.ours, 0.99)
  peerOf(ours, 'POST to a bare Hono route with fsync', times.plain)
  peerOf(late, 'POST to a bare Hono route with fsync', times.plain, 0.99)
  peerOf(ours, 'one write + fdatasync of this disk', times.disk)
  await bare.stop()

  const proxy = await countingProxy(server.url)
  const second = await joinDevice(proxy.url, world.place(), email, client)
  const bytes: Record<'edit' | 'pull', number[]> = { edit: [], pull: [] }
  for (let round = 0; round < 20; round++) {
    proxy.take()
    await timedEdit(second, items[round]!)
    const edited = proxy.take()
    await client.sync()
    await timedEdit(client, items[round + 20]!)
    proxy.take()
    await second.sync()
    const pulled = proxy.take()
    bytes.edit.push(edited.up + edited.down)
    bytes.pull.push(pulled.up + pulled.down)
  }
  await ensureSent(second)
  const wire = figureOf('edit-sync-bytes', 'B', bytes.edit)
  figureOf('edit-sync-bytes-other-device', 'B', bytes.pull)
  await second.close()
  await client.close()
  proxy.stop()

  const file = await kdbxFile(world, loginItems(count))
  if (file === undefined) return
  const database = await loadKdbx(file)
  const saves = await alternate(5, {
    async save() {
      const from = performance.now()
      await database.save()
      return performance.now() - from
    },
  })
  peerOf(ours, 'kdbxweb save, nothing sent', saves.save)
  peerOf(wire, 'kdbxweb: the file that has to be sent', [statSync(file).size])
})
