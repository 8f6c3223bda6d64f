/**
 * Figure `live-latency`: an edit on one device until another one, online, can read it: stored there, merged, opened again with the new
 * value. Two processes and the server, all on this machine; both ends read the machine's one monotonic clock.
 * `argv[2]` = `reader`: the device that waits; `argv[3]` the server, `argv[4]` the home, `argv[5]` the account.
 */
import type { ItemId, RequestId } from '@nokkel/base'
import { createVault, newEmail, signInDevice } from './parts/device.ts'
import { figureOf } from './parts/figures.ts'
import { inWorld, type World } from './parts/world.ts'

const count = 1_000
const edits = 300

const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

async function reader(url: string, home: string, email: string): Promise<void> {
  const client = await signInDevice(url, home, email)
  const { requestId, code } = await client.requestJoin()
  const joined = client.waitForJoin()
  say({ requestId, code })
  await joined
  const abort = new AbortController()
  const seen = async (id: string): Promise<void> => {
    const { fields } = await client.item(id as ItemId)
    say({ value: fields.find(({ name }) => name === 'password')?.value, atMs: nowMs() })
  }
  process.stdin.once('data', () => abort.abort())
  await client.watch(
    ({ type, id }) => {
      if (type === 'online') say({ online: true })
      else if (type === 'item') void seen(id)
    },
    { signal: abort.signal },
  )
  await client.close()
  process.stdin.destroy()
}

async function measure(world: World): Promise<void> {
  const server = await world.server()
  const email = newEmail()
  const writer = await createVault(server.url, world.place(), count, email)
  const other = world.helper(import.meta.filename, ['reader', server.url, world.place(), email])
  const { requestId, code } = await other.line()
  await writer.approve(requestId as RequestId, String(code))
  await other.line()
  const items = await writer.items()
  const times: number[] = []
  for (let edit = -10; edit < edits; edit++) {
    const value = `verdi-${edit}`
    const item = items[(edit + 10) % items.length]
    if (item === undefined) throw new Error('no items')
    const from = nowMs()
    const edited = writer.editItem(item.id, { set: new Map([['password', value]]) })
    for (;;) {
      const line = await other.line()
      if (line['value'] !== value) continue
      if (edit >= 0) times.push(Number(line['atMs']) - from)
      break
    }
    await edited
    // people do not edit back to back; and the two devices are at rest again
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  figureOf('live-latency-p50', 'ms', times)
  figureOf('live-latency-p99', 'ms', times, 0.99)
  other.say('stop')
  await other.finished()
  await writer.close()
}

const [mode, url = '', home = '', email = ''] = process.argv.slice(2)
if (mode === 'reader') await reader(url, home, email)
else await inWorld(measure)
