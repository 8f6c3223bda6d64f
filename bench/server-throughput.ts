/**
 * Figure `server-throughput`: what one server process on SQLite answers per second, and how late, to 32 devices of 32 accounts that ask
 * again as soon as they were answered: pulls that bring nothing, pushes that are on disk when acknowledged (one batch with one record of
 * 700 bytes each), and first steps of a sign-in. The load comes from a second process on the same two cores, as it would not in life.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import autocannon, { type Request, type Result } from 'autocannon'
import { client as opaque, ready } from '@serenity-kit/opaque'
import { concatBytes } from '@nokkel/base'
import { encodeFrame, logStart, type Circle } from '@nokkel/protocol'
import { createPerson, makeFrame, versionHeaders, type Person } from 'nokkel-server/testing'
import { diskSyncs } from './parts/baseline.ts'
import { alternate, figureOf, median, note, peerOf, runs } from './parts/figures.ts'
import { inWorld } from './parts/world.ts'

const devices = 32
const amounts = { pull: 20_000, push: 4_096, signIn: 4_096 }
const recordBytes = 700

interface Account {
  readonly person: Person
  readonly circle: Circle
  end: ReturnType<typeof logStart>
}

/** `requestsOf` gives the requests of each connection; each is sent when the one before it was answered. */
async function load(url: string, amount: number, requestsOf: (connection: number) => readonly Request[]): Promise<Result> {
  let connection = 0
  const result = await autocannon({
    url,
    connections: devices,
    amount,
    timeout: 30,
    sampleInt: 10,
    setupClient: (client) => client.setRequests(requestsOf(connection++)),
  })
  if (result.errors + result.non2xx > 0 || result['2xx'] < amount) throw new Error(`${result.non2xx} refused, ${result.errors} failed`)
  return result
}

const authorized = ({ person }: Account): Record<string, string> => ({ ...versionHeaders, authorization: `Bearer ${person.device.token}` })
const pathOf = ({ person }: Account): string => `/v1/vaults/${person.vault}/log`

/** The next pushes of an account, each continuing the log where the one before it ends. */
function pushes(account: Account, count: number): Request[] {
  const { circle, person } = account
  return Array.from({ length: count }, () => {
    const { frame, end } = makeFrame(circle, person.device, person.vault, account.end, { payloadBytes: recordBytes })
    account.end = end
    const headers = { ...authorized(account), 'content-type': 'application/octet-stream' }
    return { method: 'POST', path: pathOf(account), headers, body: Buffer.from(concatBytes(encodeFrame(frame))) }
  })
}

await inWorld(async (world) => {
  await ready
  const server = await world.server()
  const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
  const bareUrl = String((await bare.line())['url'])
  const accounts: Account[] = []
  while (accounts.length < devices) {
    const person = await createPerson(server.url)
    const circle = await person.device.circle()
    accounts.push({ person, circle, end: logStart(circle) })
  }
  const { startLoginRequest } = opaque.startLogin({ password: 'riktig hest batteri stift' })
  const signIns = accounts.map((account): Request => {
    const body = Buffer.from(JSON.stringify({ email: account.person.email, startLoginRequest }))
    return { method: 'POST', path: '/v1/sign-in/start', headers: { ...versionHeaders, 'content-type': 'application/json' }, body }
  })
  const accountAt = (at: number): Account => accounts[at] as Account
  const bareRequest = (path: string, body?: Buffer): Request => ({
    method: body === undefined ? 'GET' : 'POST',
    path,
    headers: {},
    ...(body && { body }),
  })

  const results: Record<string, Result[]> = {}
  const rate = async (name: string, amount: number, run: () => Promise<Result>): Promise<number> => {
    const result = await run()
    const taken = (results[name] ??= [])
    taken.push(result)
    return amount / result.duration
  }
  const rates = await alternate(runs(), {
    pull: () =>
      rate('pull', amounts.pull, () =>
        load(server.url, amounts.pull, (at) => [
          { method: 'GET', path: `${pathOf(accountAt(at))}?after=${accountAt(at).end.seq}`, headers: authorized(accountAt(at)) },
        ]),
      ),
    barePull: () => rate('barePull', amounts.pull, () => load(bareUrl, amounts.pull, () => [bareRequest('/empty')])),
    push: () => {
      const made = accounts.map((account) => pushes(account, amounts.push / devices))
      return rate('push', amounts.push, () => load(server.url, amounts.push, (at) => made[at] ?? []))
    },
    barePush: () =>
      rate('barePush', amounts.push, () => load(bareUrl, amounts.push, () => [bareRequest('/append', Buffer.alloc(recordBytes + 400))])),
    signIn: () => rate('signIn', amounts.signIn, () => load(server.url, amounts.signIn, (at) => [signIns[at] as Request])),
    bareSignIn: () =>
      rate('bareSignIn', amounts.signIn, () => load(bareUrl, amounts.signIn, () => [bareRequest('/json', signIns[0]?.body)])),
    disk: () => 1_000 / median(diskSyncs(world.folder, 200)),
  })

  const late = (name: string, which: 'p50' | 'p99'): number[] => (results[name] ?? []).slice(1).map(({ latency }) => latency[which])
  for (const [name, own, peer] of [
    ['server-throughput-pull', 'pull', 'barePull'],
    ['server-throughput-push', 'push', 'barePush'],
    ['server-throughput-sign-in', 'signIn', 'bareSignIn'],
  ] as const) {
    const ours = figureOf(name, '/s', rates[own])
    peerOf(ours, peer === 'barePush' ? 'bare Hono route, append and fsync each' : 'bare Hono route', rates[peer])
    if (own === 'push') peerOf(ours, 'write + fdatasync of this disk, one after another', rates.disk)
    figureOf(`${name}-p50`, 'ms', late(own, 'p50'))
    const slow = figureOf(`${name}-p99`, 'ms', late(own, 'p99'))
    peerOf(slow, 'bare Hono route', late(peer, 'p99'))
  }
  note('SQLite only: the store for PostgreSQL has no figure yet')
})
