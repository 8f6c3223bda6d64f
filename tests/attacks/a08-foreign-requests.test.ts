/**
 * A8: the client asks somebody else than its server: for an icon, an update, a redirect's target, an address that the server or an item
 * names. Whoever answers learns who has an account where. Defence: one origin, no redirects, no address is ever followed.
 * Fails when: redirects are followed.
 */
import diagnostics from 'node:diagnostics_channel'
import { createServer, type Server } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import dns from 'node:dns'
import type { AddressInfo, Socket } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Fetch, WebSocketLike } from '@nokkel/sync'
import { routes, type Route, type RouteName } from '@nokkel/protocol/wire'
import { jsonAnswer } from './evil-proxy.ts'
import { World, codeOf, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
/** stands for every other machine on the net; nobody may come here */
let stranger: Server
let strangerUrl: string
let visits = 0
const asked: string[] = []
const redirects: string[] = []
/** every TCP connection of this process, whoever opened it */
const connections: Socket[] = []
const looked: string[] = []
const onSocket = (message: unknown): void => void connections.push((message as { socket: Socket }).socket)
const realLookup = dns.lookup

const recordingFetch: Fetch = async (url, init) => {
  asked.push(url)
  redirects.push(init.redirect)
  return (await fetch(url, init as RequestInit)) as unknown as Awaited<ReturnType<Fetch>>
}
const recordingSocket = (url: string): WebSocketLike => {
  asked.push(url)
  return new WebSocket(url) as unknown as WebSocketLike
}

beforeAll(async () => {
  stranger = createServer((_request, response) => {
    visits++
    response.end('hello')
  })
  stranger.on('upgrade', (_request, socket) => {
    visits++
    socket.destroy()
  })
  await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve))
  strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`
  world = await World.start()
  anna = await world.device('Anna', { fetch: recordingFetch, openWebSocket: recordingSocket })
  diagnostics.subscribe('net.client.socket', onSocket)
  Object.assign(dns, {
    lookup: (...args: Parameters<typeof realLookup>) => {
      looked.push(args[0])
      return realLookup(...args)
    },
  })
  syncBuiltinESMExports()
})
afterAll(async () => {
  diagnostics.unsubscribe('net.client.socket', onSocket)
  Object.assign(dns, { lookup: realLookup })
  syncBuiltinESMExports()
  stranger.close()
  await world.end()
})

it('A8: a whole story with 1,000 sites in the keychain: every request goes to the configured server', async () => {
  await anna.create('anna@example.org')
  const rows = Array.from(
    { length: 1_000 },
    (_, i) => `Site ${i},${i % 2 === 0 ? `${strangerUrl}/login` : `https://site${i}.invalid/login`},user,secret${i}`,
  )
  await anna.client.importFile({ name: 'chrome.csv', bytes: Buffer.from(['name,url,username,password', ...rows].join('\n')) })
  const items = await anna.client.items()
  expect(items).toHaveLength(1_000)
  for (const { id } of items.slice(0, 100)) await anna.client.item(id)
  await anna.client.items({ text: strangerUrl })
  await anna.client.duplicates()
  const berit = await world.device('Berit', { fetch: recordingFetch, openWebSocket: recordingSocket })
  await berit.signIn('anna@example.org')
  await berit.joinBy(anna)
  const watched = new AbortController()
  const watching = berit.client.watch(() => watched.abort(), { signal: watched.signal })
  await anna.client.addItem(note(`see ${strangerUrl}`))
  await watching
  await anna.client.activity()
  await anna.client.removeDevice(await berit.id(), { deleteCopy: true })
  const own = [anna.proxy.url, berit.proxy.url].flatMap((url) => [url, url.replace(/^http/, 'ws')])
  expect(asked.length).toBeGreaterThan(30)
  expect(asked.filter((url) => !own.some((origin) => url.startsWith(`${origin}/v1/`)))).toEqual([])
  expect(new Set(redirects)).toEqual(new Set(['error']))
  // the same, seen from below: connections of this process, the proxies' own to the server among them
  const ports = new Set(connections.map(({ remotePort }) => remotePort).filter((port) => port !== undefined))
  const allowed = [world.server.url, ...world.proxies.map(({ url }) => url)].map((url) => Number(new URL(url).port))
  expect([...ports].filter((port) => !allowed.includes(port))).toEqual([])
  expect(looked.filter((host) => host !== '127.0.0.1')).toEqual([])
  expect(visits).toBe(0)
})

it('A8: the server redirects every route to somebody else, in every way there is: nobody goes there', async () => {
  const jump = await world.founder('Jorunn', 'jorunn@example.org', { fetch: recordingFetch, openWebSocket: recordingSocket })
  await jump.client.addItem(note('x'))
  for (const status of [301, 302, 303, 307, 308])
    for (const location of [strangerUrl, `${strangerUrl}/v1/circle`, `//${strangerUrl.slice(7)}/`]) {
      jump.proxy.on('every', () => ({
        status,
        headers: { location, refresh: `0; url=${location}`, link: `<${location}>; rel=preload` },
        body: new Uint8Array(0),
      }))
      expect(['offline', 'malformed']).toContain(await codeOf(() => jump.client.sync()))
    }
  expect(await codeOf(() => jump.signIn('jorunn@example.org'))).not.toBe('accepted')
  expect(visits).toBe(0)
})

it('A8: addresses in every field of every answer are text', async () => {
  const kari = await world.founder('Kari', 'kari@example.org', { fetch: recordingFetch, openWebSocket: recordingSocket })
  const extra = {
    url: strangerUrl,
    server: strangerUrl,
    baseUrl: strangerUrl,
    icon: `${strangerUrl}/favicon.ico`,
    update: `${strangerUrl}/new.tgz`,
    live: strangerUrl.replace('http', 'ws'),
    next: strangerUrl,
    location: strangerUrl,
    type: strangerUrl,
  }
  const before = asked.length
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][])
    if (typeof route.response === 'object')
      kari.proxy.editJson(name, (value) => ({ ...value, ...extra, name: strangerUrl, events: value['events'] }))
  await kari.client.addItem(note('y'))
  await codeOf(() => kari.client.activity())
  await codeOf(() => kari.client.joinRequests())
  await kari.client.sync()
  kari.proxy.honest().on('every', () => jsonAnswer({ ...extra, code: 'conflict', params: extra, title: strangerUrl }, 409))
  await codeOf(() => kari.client.sync())
  expect(asked.length).toBeGreaterThan(before)
  expect(asked.slice(before).filter((url) => !url.startsWith(kari.proxy.url))).toEqual([])
  expect(visits).toBe(0)
})
