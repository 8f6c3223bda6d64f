/**
 * Figure `search`: from a keystroke to the rows that a screen shows, 50,000 items, in process: `items({ text, limit })` for every prefix
 * that somebody types on the way to a name, a user name and a word of no item. Also the same without a limit, as `nokkel list` asks.
 */
import type { ItemQuery } from '@nokkel/client'
import { createVault } from './parts/device.ts'
import { alternate, figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { kdbxFile, keePassXc, loadKdbx } from './parts/peers.ts'
import { inWorld } from './parts/world.ts'

const count = 50_000
/** rows that a list shows before somebody scrolls */
const shown = 100

const prefixesOf = (text: string): string[] => Array.from(text, (_, at) => text.slice(0, at + 1))

await inWorld(async (world) => {
  const server = await world.server()
  const items = loginItems(count)
  const client = await createVault(server.url, world.place(), count)
  const target = items[Math.floor(count * 0.7)]
  if (target === undefined) throw new Error('no items')
  const queries = [target.name.toLowerCase(), target.login.username, 'sommerøy apotek', 'ingentingslikt'].flatMap(prefixesOf)
  const times: Record<'shown' | 'all', number[]> = { shown: [], all: [] }
  for (let run = -1; run < runs(); run++) {
    for (const [kind, more] of [
      ['shown', { limit: shown }],
      ['all', {}],
    ] as [keyof typeof times, ItemQuery][]) {
      for (const text of queries) {
        const from = performance.now()
        await client.items({ text, ...more })
        if (run >= 0) times[kind].push(performance.now() - from)
      }
    }
  }
  const ours = figureOf('search', 'ms', times.shown)
  figureOf('search-p99', 'ms', times.shown, 0.99)
  figureOf('search-all-rows', 'ms', times.all)
  figureOf('search-all-rows-p99', 'ms', times.all, 0.99)
  await client.close()

  const texts = items.map(({ name, login }) => [name, login.username, ...login.uris.map(({ uri }) => uri)].join('\n').toLowerCase())
  const scan = queries.map((query) => {
    const from = performance.now()
    texts.filter((text) => text.includes(query))
    return performance.now() - from
  })
  peerOf(ours, 'bare includes() over the same texts', scan)
  const file = await kdbxFile(world, items)
  if (file !== undefined) {
    const kdbx = await loadKdbx(file)
    peerOf(
      ours,
      'kdbxweb scan of every plain field, no list made',
      queries.map((query) => {
        const from = performance.now()
        for (const { fields } of kdbx.getDefaultGroup().allEntries())
          for (const value of fields.values()) if (typeof value === 'string' && value.toLowerCase().includes(query)) break
        return performance.now() - from
      }),
    )
  }
  const peer = await keePassXc(world, items)
  if (peer === undefined) return
  const theirs = await alternate(runs(), { search: async () => (await world.timed(peer.run('search', target.name))).ms })
  peerOf(ours, `${peer.name} search, whole process`, theirs.search)
})
