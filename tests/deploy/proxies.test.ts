/**
 * nginx and Caddy with the examples of deploy/proxy, in front of three servers on PostgreSQL: two devices of a person that keep in sync over TLS and
 * WebSocket through them, also when a server dies. Of the examples only names, addresses and the certificate are changed, and each change is one that
 * an operator makes.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '@nokkel/client'
import { ensureProgram } from 'nokkel-server/debian/testing'
import { freePort } from 'nokkel-server/free-port/testing'
import { Fleet } from '../scale/fleet.ts'

const deploy = join(import.meta.dirname, '../../deploy/proxy')
const within = { timeout: 60_000, interval: 100 }

let folder: string
let fleet: Fleet
let certificate: string
let key: string
const trusted = getCACertificates('default')

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-proxy-'))
  certificate = join(folder, 'fullchain.pem')
  key = join(folder, 'privkey.pem')
  const openssl = program('openssl', 'openssl')
  const self = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-subj', '/CN=localhost']
  const made = spawnSync(openssl, [...self, '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', certificate])
  if (made.status !== 0) throw new Error(made.stderr.toString('utf8'))
  setDefaultCACertificates([...trusted, readFileSync(certificate, 'utf8')])
  fleet = await Fleet.start(3)
})
afterAll(async () => {
  setDefaultCACertificates(trusted)
  await fleet.dispose()
  rmSync(folder, { recursive: true, force: true })
})

function program(name: string, debianPackage: string): string {
  return ensureProgram(debianPackage, () =>
    ['/usr/sbin', '/usr/bin', '/usr/local/bin'].map((at) => join(at, name)).find((path) => existsSync(path)),
  )
}

/** The example with the operator's own values; what is not there to be changed is a mistake. */
function example(name: string, own: readonly (readonly [string | RegExp, string])[]): string {
  return own.reduce(
    (text, [from, to]) => {
      const changed = text.replaceAll(from, to)
      expect(changed, `${name}: ${String(from)}`).not.toBe(text)
      return changed
    },
    readFileSync(join(deploy, name), 'utf8'),
  )
}

const addresses = (): (readonly [string, string])[] =>
  fleet.servers.map(({ url }, at) => [`10.0.0.1${at + 1}:8787`, new URL(url).host] as const)

interface Started {
  readonly child: ChildProcess
  readonly said: () => string
}

function start(file: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString('utf8')))
  return { child, said: () => said }
}

function startNginx(port: number): Started {
  const own = join(folder, 'nginx')
  mkdirSync(own)
  const site = example('nginx.conf', [
    ...addresses(),
    ['listen 443 ssl http2;', `listen ${port} ssl http2;`],
    ['  listen [::]:443 ssl http2;\n', ''],
    ['keys.example.org;', 'localhost;'],
    ['/etc/letsencrypt/live/keys.example.org/fullchain.pem', certificate],
    ['/etc/letsencrypt/live/keys.example.org/privkey.pem', key],
  ])
  writeFileSync(join(own, 'site.conf'), site)
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${own}/${name};`).join(' ')
  // what a distribution has around the http block
  writeFileSync(
    join(own, 'nginx.conf'),
    `daemon off; pid ${own}/pid; error_log stderr; events {} http { access_log off; ${folders} include ${own}/site.conf; }`,
  )
  const nginx = program('nginx', 'nginx-light')
  const checked = spawnSync(nginx, ['-t', '-e', 'stderr', '-c', join(own, 'nginx.conf')])
  expect(checked.stderr.toString('utf8')).toContain('test is successful')
  return start(nginx, ['-e', 'stderr', '-c', join(own, 'nginx.conf')])
}

function startCaddy(port: number): Started {
  const own = join(folder, 'caddy')
  mkdirSync(own)
  const site = example('Caddyfile', [...addresses(), ['keys.example.org {', `https://localhost:${port} {\n\ttls ${certificate} ${key}`]])
  writeFileSync(join(own, 'Caddyfile'), `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${site}`)
  const env = { HOME: own, XDG_DATA_HOME: own, XDG_CONFIG_HOME: own }
  return start(program('caddy', 'caddy'), ['run', '--config', join(own, 'Caddyfile'), '--adapter', 'caddyfile'], env)
}

async function statusOf(url: string): Promise<number | undefined> {
  return await fetch(url).then(
    ({ status }) => status,
    () => undefined,
  )
}

async function add(client: Client | undefined, title: string): Promise<void> {
  const fields = new Map([
    ['title', title],
    ['password', 'x'],
  ])
  await client?.addItem({ kind: 'password', fields })
}

describe.each([
  ['nginx', startNginx],
  ['Caddy', startCaddy],
] as const)('%s, as in the example', (name, begin) => {
  test('sync and live channel pass, a dead server is gone round, figures do not leave, browsers are told to stay on TLS', async () => {
    const port = await freePort()
    const url = `https://localhost:${port}`
    const proxy = begin(port)
    const watching = new AbortController()
    let devices: Client[] = []
    const watches: Promise<void>[] = []
    try {
      await expect.poll(() => statusOf(`${url}/readyz`), within).toBe(200)
      expect(await statusOf(`${url}/metrics`)).toBe(404)
      expect((await fetch(`${url}/v1/server`)).headers.get('strict-transport-security')).toBe('max-age=31536000')

      devices = await fleet.person(name.toLowerCase(), 2, url)
      const [first, second] = devices
      const seen: string[] = []
      for (const client of devices) watches.push(client.watch(({ type }) => void seen.push(type), { signal: watching.signal }))
      // the live channel itself, not the slow timer: both hear the greeting of their WebSocket
      await expect.poll(() => seen.filter((type) => type === 'online').length, within).toBe(2)
      await add(first, 'through a proxy')
      await expect.poll(async () => (await second?.status())?.items, within).toBe(1)

      await fleet.killServer(0, 'SIGKILL')
      await add(second, 'past a dead server')
      await expect.poll(async () => (await first?.status())?.items, within).toBe(2)
      for (const client of devices) await expect.poll(async () => (await client.status()).pendingChanges, within).toBe(0)
      for (let n = 0; n < 12; n++) expect(await statusOf(`${url}/v1/server`)).toBe(200)
    } catch (error) {
      throw new Error(proxy.said(), { cause: error })
    } finally {
      watching.abort()
      await Promise.allSettled(watches)
      await Promise.all(devices.map((client) => client.close()))
      const ended = new Promise((resolve) => proxy.child.once('close', resolve))
      proxy.child.kill('SIGTERM')
      await ended
      await fleet.startServer(0)
    }
  })
})
