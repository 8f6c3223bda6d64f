/**
 * Figure `edit-growth`: what one edit costs in a vault of 50,000 items against one of 1,000, acknowledged by the server in both; and
 * processor time, which the disk and the other programs of the machine cannot hide behind. Edits alternate between the two.
 */
import { createVault } from './parts/device.ts'
import { ensureSent, itemsToEdit, timedEdit } from './parts/edits.ts'
import { alternate, figure, figureOf, median } from './parts/figures.ts'
import { cpuMsSince, inWorld } from './parts/world.ts'

const [small, large] = [1_000, 50_000]
const edits = 100

await inWorld(async (world) => {
  const server = await world.server()
  const few = await createVault(server.url, world.place(), small)
  const many = await createVault(server.url, world.place(), large)
  const [fewItems, manyItems] = [await itemsToEdit(few, edits), await itemsToEdit(many, edits)]
  const cpu: Record<'few' | 'many', number[]> = { few: [], many: [] }
  const edit = async (which: keyof typeof cpu, round: number): Promise<number> => {
    const before = process.cpuUsage()
    const items = which === 'few' ? fewItems : manyItems
    const ms = await timedEdit(which === 'few' ? few : many, items[round % items.length]!)
    cpu[which].push(cpuMsSince(before))
    return ms
  }
  let round = 0
  const times = await alternate(edits, { few: () => edit('few', ++round), many: () => edit('many', round) })
  await ensureSent(few)
  await ensureSent(many)
  const a = figureOf('edit-1k', 'ms', times.few)
  const b = figureOf('edit-50k', 'ms', times.many)
  figure('edit-growth', '×', b.value / a.value, edits)
  figureOf('edit-50k-p99', 'ms', times.many, 0.99)
  figure('edit-growth-cpu', '×', median(cpu.many) / median(cpu.few), edits)
  await few.close()
  await many.close()
})
