/** A1: the status page and its feeds, measured by a real prober through a real network that fails on purpose, and looked at in a browser. */
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import http, { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { until, World, type Server } from './harness.ts'
import { WebPage } from './web-page.ts'

const root = join(import.meta.dirname, '../..')
const program = join(root, 'apps/server/bin/nokkel-server.js')
const world = new World()
const data = join(world.folder, 'server')

interface Summary {
  readonly page: Readonly<Record<string, unknown>>
  readonly components: readonly { readonly id: string; readonly name: string; readonly status: string }[]
  readonly incidents: readonly {
    readonly name: string
    readonly status: string
    readonly impact: string
    readonly incident_updates: readonly unknown[]
  }[]
  readonly scheduled_maintenances: readonly Readonly<Record<string, unknown>>[]
  readonly status: { readonly indicator: string; readonly description: string }
}

/** Where the prober goes: passes everything on, but for what is broken at the moment. */
async function startRelay(): Promise<{ readonly url: string; target: string; broken: RegExp | null; close(): void }> {
  const relay = { url: '', target: '', broken: null as RegExp | null, close: () => void server.close() }
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (relay.broken?.test(`${request.method} ${path}`) === true) return void response.writeHead(503).end()
    const { hostname, port } = new URL(relay.target)
    const forward = http.request({ hostname, port, path, method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forward.on('error', () => response.destroy())
    request.pipe(forward)
  })
  server.on('upgrade', (request, socket, head) => {
    const { hostname, port } = new URL(relay.target)
    if (relay.broken?.test(`LIVE ${request.url}`) === true) return void socket.destroy()
    const forward = http.request({ hostname, port, path: request.url, headers: request.headers })
    forward.on('upgrade', (answer, upstream) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${String(value)}`)
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('\r\n')}\r\n\r\n`)
      upstream.write(head)
      upstream.pipe(socket).on('error', () => upstream.destroy())
      socket.pipe(upstream).on('error', () => socket.destroy())
    })
    forward.on('error', () => socket.destroy())
    forward.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  relay.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return relay
}

let relay: Awaited<ReturnType<typeof startRelay>>
let server: Server
const summary = async (language = 'en', url = server.url): Promise<Summary> =>
  (await (await fetch(`${url}/status/summary.json?lang=${language}`)).json()) as Summary
const statusOf = async (service: string): Promise<string | undefined> =>
  (await summary()).components.find(({ id }) => id === service)?.status
/** Not blocking: the relay lives in this process. */
const run = (args: readonly string[], folder = data): Promise<{ status: number | null; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const child = world.spawn(program, [...args, '--data', folder], {})
    let [stdout, stderr] = ['', '']
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
const operator = (...args: string[]) => run(['status', ...args])

const env = { NOKKEL_NAME: 'Ringen', NOKKEL_REGISTRATION: 'closed', NOKKEL_REGIONS: 'SE,NO' }

beforeAll(async () => {
  relay = await startRelay()
  server = await world.server({
    data,
    env: { ...env, NOKKEL_STATUS_PROBE: 'on', NOKKEL_STATUS_EVERY: '1', NOKKEL_STATUS_URL: relay.url },
  })
  relay.target = server.url
})
afterAll(async () => {
  await server.stop()
  relay.close()
  await world.end()
})

describe('A1: measured', () => {
  it('a synthetic account signs in, pushes, pulls, is approved and recovers, also where registration is closed', async () => {
    await until(
      async () => (await (await fetch(`${server.url}/status?lang=en`)).text()).includes('Last measured'),
      'a first report',
      120_000,
    )
    const { components, incidents, status } = await summary()
    expect(components.map(({ id, status: level }) => [id, level])).toEqual(
      ['sign-in', 'sync', 'approval', 'recovery', 'notifications'].map((id) => [id, 'operational']),
    )
    expect(incidents).toEqual([])
    expect(status).toEqual({ indicator: 'none', description: 'All services are available' })
    // a recovery by a code is one that the realm has seen to its end
    expect(await (await fetch(`${server.url}/metrics`)).text()).toMatch(/type="recovered"\} [1-9]/)
    // a second account, from elsewhere: all that it needs is the token
    const outside = join(world.folder, 'outside')
    mkdirSync(outside)
    copyFileSync(join(data, 'probe.token'), join(outside, 'probe.token'))
    // the report itself, as the prober sends it: each service was really looked at; how fast is the machine's business
    const found = await run(['probe', '--server', server.url], outside)
    expect(found.stderr).toBe('')
    expect(JSON.parse(found.stdout)).toMatchObject(
      Object.fromEntries(
        ['sign-in', 'sync', 'approval', 'recovery', 'notifications'].map((id) => [id, { outcome: expect.stringMatching(/^(ok|slow)$/) }]),
      ),
    )
  })

  it('what breaks opens an incident by itself, what is well again closes it, and hints that do not come are told from a log that fails', async () => {
    relay.broken = /POST .*\/log/
    await until(async () => (await statusOf('sync')) === 'major_outage', 'sync is down')
    const broken = await summary('nb')
    expect(broken.incidents).toMatchObject([
      { name: expect.stringContaining('Ikke tilgjengelig: '), status: 'investigating', impact: 'major' },
    ])
    expect(broken.status.indicator).toBe('major')
    expect(await statusOf('sign-in')).toBe('operational')
    // from here on nothing is lost but the hints
    relay.broken = /^LIVE/
    await until(async () => (await statusOf('sync')) === 'degraded_performance', 'sync recovers')
    expect((await summary()).incidents[0]?.status).toBe('monitoring')
    await until(async () => (await statusOf('sync')) === 'operational', 'sync is back', 90_000)
    expect((await summary()).incidents).toMatchObject([{ name: 'Not available: Notifications' }])
    relay.broken = null
  })

  it('nobody else can report, and nothing but a report is taken', async () => {
    const token = readFileSync(join(data, 'probe.token'), 'utf8').trim()
    const post = async (authorization: string, body: string): Promise<number> =>
      (await fetch(`${server.url}/status/report`, { method: 'POST', headers: { authorization, 'content-type': 'application/json' }, body }))
        .status
    const report = JSON.stringify({ results: { sync: { outcome: 'failed', ms: 1 } } })
    expect(await post(`Bearer ${'A'.repeat(43)}`, report)).toBe(401)
    expect(await post('', report)).toBe(401)
    for (const bad of [
      '{}',
      '{"results":{}}',
      '{"results":{"bank":{"outcome":"ok","ms":1}}}',
      `{"results":{"sync":{"outcome":"ok","ms":1,"text":"x"}}}`,
      'x',
    ])
      expect(await post(`Bearer ${token}`, bad)).toBe(400)
    expect(await post(`Bearer ${token}`, 'x'.repeat(9_000))).toBe(413)
    // registration is closed to everybody without that token
    const { registration } = (await (await fetch(`${server.url}/v1/server`)).json()) as { registration: string }
    expect(registration).toBe('closed')
  })

  it('a prober that falls silent is noticed, and nothing is called available on its word', async () => {
    renameSync(join(data, 'probe.token'), join(data, 'away'))
    await until(async () => (await summary('nb')).incidents.some(({ name }) => name === 'Tjenestene blir ikke målt'), 'silence', 60_000)
    expect((await summary()).components.every(({ status }) => status !== 'operational')).toBe(true)
    renameSync(join(data, 'away'), join(data, 'probe.token'))
    await until(
      async () => !(await summary()).incidents.some(({ name }) => name === 'The services are not being measured'),
      'the prober is back',
    )
  })
})

describe('A1: said by operators', () => {
  beforeAll(async () => {
    // from here on nobody measures: what the page says is what was said
    await server.stop()
    server = await world.server({ data, env })
    const { events } = JSON.parse((await operator('list', '--json')).stdout) as { events: { id: string; resolvedMs: number | null }[] }
    for (const { id, resolvedMs } of events) if (resolvedMs === null) expect((await operator('resolve', id)).status).toBe(0)
    expect((await summary()).incidents).toEqual([])
  })

  it('planned, ongoing, resolved, in both languages; wrong input is refused by name', async () => {
    const hour = 3_600_000
    const time = (ms: number): string => `${new Date(Date.now() + ms).toISOString().slice(0, 16)}Z`
    const words = [
      '--title',
      'New <disks>',
      '--title-nb',
      'Nye <disker>',
      '--text',
      'Two hours at night.',
      '--text-nb',
      'To timer om natten.',
    ]
    expect(
      await operator('post', '--services', 'sync,sign-in', '--level', 'maintenance', '--from', time(24 * hour), ...words),
    ).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--until: not valid'),
    })
    expect((await operator('post', '--services', 'bank', '--level', 'issue', ...words)).stderr).toContain('--services: not valid')
    expect(
      (await operator('post', '--services', 'sync', '--level', 'issue', '--title', 'x', '--from', '2026-11-30 22:00')).stderr,
    ).toContain('2026-11-30T22:00Z')
    const night = ['--from', time(24 * hour), '--until', time(26 * hour)]
    expect((await operator('post', '--services', 'sync,sign-in', '--level', 'maintenance', ...night, ...words)).status).toBe(0)
    expect((await summary()).scheduled_maintenances).toMatchObject([
      {
        name: 'New <disks>',
        status: 'scheduled',
        impact: 'maintenance',
        incident_updates: [{ body: 'Two hours at night.', status: 'scheduled' }],
      },
    ])
    const slow = ['--title', 'Recovery is slow', '--title-nb', 'Gjenoppretting er treg']
    expect((await operator('post', '--services', 'recovery', '--level', 'issue', ...slow)).status).toBe(0)
    expect(await statusOf('recovery')).toBe('degraded_performance')
    const listed = JSON.parse((await operator('list', '--json')).stdout) as { events: { id: string; origin: string; title: unknown }[] }
    const id = listed.events.find(({ title }) => (title as { en?: string } | null)?.en === 'Recovery is slow')?.id ?? ''
    expect((await operator('update', id, '--state', 'identified', '--text', 'A full disk.', '--text-nb', 'En full disk.')).status).toBe(0)
    expect((await summary()).incidents).toMatchObject([{ status: 'identified', incident_updates: [{ body: 'A full disk.' }, {}] }])
    expect((await operator('resolve', id)).status).toBe(0)
    expect(await operator('resolve', id)).toMatchObject({ status: 1, stderr: expect.stringContaining('that event is over') })
    expect(await statusOf('recovery')).toBe('operational')
  })
})

describe('A1: looked at', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser.close())

  it('without script, escaped, in the reader’s language and the other one by a link', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false, locale: 'nb-NO' })
    const page = await context.newPage()
    await page.goto(`${server.url}/status`)
    await page.getByRole('heading', { name: 'Systemstatus for Ringen' }).waitFor()
    await page.getByText('Nye <disker>').waitFor()
    expect(await page.getByRole('listitem').filter({ hasText: 'Pålogging' }).first().textContent()).toContain('Tilgjengelig')
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByRole('heading', { name: 'System status of Ringen' }).waitFor()
    await page.getByText('Recovery is slow').waitFor()
    await context.close()
    const response = await fetch(`${server.url}/status`)
    expect(response.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
    expect(await response.text()).not.toMatch(/<script|style="|<style| on\w+=/)
    const etag = response.headers.get('etag') ?? ''
    expect((await fetch(`${server.url}/status`, { headers: { 'if-none-match': etag } })).status).toBe(304)
    // a name that is none gets into no link
    const strange = await new Promise<string>((resolve) => {
      const { hostname, port } = new URL(server.url)
      http.get({ hostname, port, path: '/status/summary.json', headers: { host: 'evil"><x' } }, (answer) => {
        answer.setEncoding('utf8')
        let text = ''
        answer.on('data', (chunk: string) => (text += chunk))
        answer.on('end', () => resolve(text))
      })
    })
    expect(strange).not.toContain('evil')
  })

  it.each(['nb', 'en'] as const)('accessible on phone and desktop, light and dark (%s)', async (language) => {
    const page = await WebPage.open(browser, `${server.url}/status`, language, 'desktop')
    await page.look('status')
    // the narrowest telephone, and twice the size of text on a wider one (WCAG 1.4.10): nothing sticks out to the side
    await page.page.setViewportSize({ width: 320, height: 640 })
    expect(await page.page.evaluate(() => document.documentElement.scrollWidth)).toBe(320)
    expect(page.violations).toEqual([])
    expect(page.complaints).toEqual([])
    await page.close()
  })

  it('the feed is well-formed and valid Atom (RFC 4287)', async () => {
    const text = await (await fetch(`${server.url}/status/atom.xml?lang=nb`)).text()
    const page = await browser.newPage()
    const feed = await page.evaluate((xml) => {
      const parsed = new DOMParser().parseFromString(xml, 'application/xml')
      const atom = 'http://www.w3.org/2005/Atom'
      const children = (of: Element, name: string): string[] =>
        [...of.children].filter((child) => child.namespaceURI === atom && child.localName === name).map((child) => child.textContent)
      const top = parsed.documentElement
      return {
        errors: parsed.getElementsByTagName('parsererror').length,
        root: `${top.namespaceURI} ${top.localName}`,
        own: ['id', 'title', 'updated', 'author'].map((name) => children(top, name).length),
        entries: [...parsed.getElementsByTagNameNS(atom, 'entry')].map((entry) => ({
          once: ['id', 'title', 'updated', 'published', 'content'].map((name) => children(entry, name).length),
          id: children(entry, 'id')[0] ?? '',
          title: children(entry, 'title')[0] ?? '',
          times: [...children(entry, 'updated'), ...children(entry, 'published')],
        })),
      }
    }, text)
    await page.close()
    expect(feed).toMatchObject({ errors: 0, root: 'http://www.w3.org/2005/Atom feed', own: [1, 1, 1, 1] })
    expect(feed.entries.length).toBeGreaterThanOrEqual(5)
    expect(new Set(feed.entries.map(({ id }) => id)).size).toBe(feed.entries.length)
    expect(feed.entries.map(({ title }) => title)).toContain('Nye <disker>')
    for (const { once, times } of feed.entries) {
      expect(once).toEqual([1, 1, 1, 1, 1])
      for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    }
  })
})

describe('A1: up when the rest is down', () => {
  it('answers while the main database cannot be written', async () => {
    const holder = new DatabaseSync(join(data, 'nokkel.db'))
    holder.exec('pragma busy_timeout = 10000; begin immediate')
    try {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(503)
      expect((await fetch(`${server.url}/status`)).status).toBe(200)
      expect((await summary()).components).toHaveLength(5)
    } finally {
      holder.exec('rollback')
      holder.close()
    }
  })

  it('and as a process of its own when the server is down, where the prober outside reports it', async () => {
    await server.kill()
    const alone = world.spawn(program, ['status', 'serve', '--port', '0', '--data', data], {})
    const url = await new Promise<string>((resolve) =>
      alone.stdout?.on('data', (chunk: Buffer) => resolve(/http:\S+(?=\/status)/.exec(chunk.toString())?.[0] ?? '')),
    )
    for (let i = 0; i < 3; i++) await run(['probe', '--server', server.url, '--report-to', url])
    const down = await summary('en', url)
    expect(down.status.indicator).toBe('major')
    expect(down.components.every(({ status }) => status === 'major_outage')).toBe(true)
    expect(down.incidents).toHaveLength(1)
    alone.kill('SIGTERM')
    await server.start()
  })
})
