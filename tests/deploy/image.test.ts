/**
 * The recipe of the image, carried out step by step in a scratch folder, since a builder of images is not everywhere: what is copied is copied, each
 * build command runs, and what the recipe says is started as the user, with the settings and by the command line that it says. The base image and its
 * own users are not tried: Node is the one that the tests run on.
 */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPerson, makeFrame } from 'nokkel-server/testing'
import { freePort } from 'nokkel-server/free-port/testing'

const root = join(import.meta.dirname, '../..')
const buildWithinMs = 600_000
const root0 = process.getuid?.() === 0

interface Step {
  readonly word: string
  readonly rest: string
}

/** Instructions of all stages, continued lines joined. */
const steps: readonly Step[] = readFileSync(join(root, 'deploy/Containerfile'), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')
  .map((line) => /^(\w+)\s+(.*)$/.exec(line))
  .map((found) => ({ word: found?.[1] ?? '', rest: found?.[2] ?? '' }))
const all = (word: string): string[] => steps.filter((step) => step.word === word).map(({ rest }) => rest)
const one = (word: string): string => {
  const found = all(word)
  if (found.length !== 1) throw new Error(`${found.length} × ${word}`)
  return found[0] as string
}

let scratch: string
/** a path of the image, here */
const here = (path: string): string => join(scratch, path)
const uid = Number(/--uid (\d+)/.exec(all('RUN')[1] ?? '')?.[1])
const user = root0 ? ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', '--no-new-privs'] : []
const env: Record<string, string> = {}

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'nokkel-image-'))
  chmodSync(scratch, 0o755)
  // COPY . . after .dockerignore: what git keeps, and what will be kept with the next commit
  const workdir = here(one('WORKDIR'))
  const kept = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  for (const file of kept.stdout.split('\0').filter((name) => name !== '')) {
    mkdirSync(dirname(join(workdir, file)), { recursive: true })
    cpSync(join(root, file), join(workdir, file))
  }
  const build = spawnSync('sh', ['-ec', all('RUN')[0] ?? 'false'], { cwd: workdir, encoding: 'utf8', timeout: buildWithinMs })
  if (build.status !== 0) throw new Error(build.stdout + build.stderr)
  // of the base image; and not where only the superuser may read
  mkdirSync(here('/usr/local/bin'), { recursive: true })
  copyFileSync(process.execPath, here('/usr/local/bin/node'))
}, buildWithinMs)
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

test('what is not to be in the image is not: no tools of building, no history, nothing installed elsewhere', () => {
  const ignored = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n')
  expect(ignored).toEqual(expect.arrayContaining(['.git', '**/node_modules', '**/dist']))
  const installed = (name: string): boolean =>
    statSync(join(here(one('WORKDIR')), 'node_modules', name), { throwIfNoEntry: false }) !== undefined
  expect(installed('nokkel-server')).toBe(true)
  for (const name of ['vitest', 'oxlint', 'playwright-core']) expect(installed(name), name).toBe(false)
})

test('as the recipe starts it, as its user: serves people and the web app, says that it is healthy, stops in order', async () => {
  const [, users = ''] = all('RUN')
  expect(users).toContain('useradd --system')
  expect(one('USER')).toBe(/(\w+)\s*&&/.exec(users)?.[1])
  const folders = /-m 0700 (.*)$/.exec(users)?.[1]?.trim().split(/\s+/) ?? []
  expect(folders).toEqual(JSON.parse(one('VOLUME')))
  for (const folder of folders) {
    mkdirSync(dirname(here(folder)), { recursive: true })
    mkdirSync(here(folder), { mode: 0o700 })
    if (root0) chownSync(here(folder), uid, uid)
  }
  const port = await freePort()
  for (const [, name = '', value = ''] of one('ENV').matchAll(/(\w+)=(\S+)/g)) env[name] = value.startsWith('/') ? here(value) : value
  expect(env).toMatchObject({ NOKKEL_HOST: '0.0.0.0', NOKKEL_PORT: one('EXPOSE') })
  Object.assign(env, { NOKKEL_PORT: String(port), PATH: `${here('/usr/local/bin')}${delimiter}${process.env['PATH'] ?? ''}` })
  const [program = '', ...args] = [...(JSON.parse(one('ENTRYPOINT')) as string[]), ...(JSON.parse(one('CMD')) as string[])]
  const [file = '', ...more] = [...user, here(program), ...args]
  const server = spawn(file, more, { env, cwd: here(one('WORKDIR')), stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (data: Buffer) => (said += data.toString('utf8')))
  const exited = new Promise<number | string>((resolve) => server.on('close', (code, signal) => resolve(code ?? signal ?? '')))
  const isHealthy = (): boolean => {
    const [check = '', ...rest] = JSON.parse(/CMD (\[.*\])/.exec(one('HEALTHCHECK'))?.[1] ?? '[]') as string[]
    const [healthFile = '', ...healthArgs] = [...user, check, ...rest]
    return spawnSync(healthFile, healthArgs, { env, cwd: '/' }).status === 0
  }
  try {
    await expect.poll(isHealthy, { timeout: 60_000, interval: 500 }).toBe(true)
    const url = `http://127.0.0.1:${port}`
    const page = await fetch(`${url}/`)
    expect([page.status, page.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')])
    const { device, vault } = await createPerson(url)
    const circle = await device.circle()
    const made = makeFrame(circle, device, vault, { seq: 0, hash: circle.genesisHash })
    expect((await device.push(vault, made.frame)).status).toBe(200)
    const key = statSync(join(env['NOKKEL_DATA'] ?? '', 'server.key'))
    expect([key.mode & 0o777, root0 ? key.uid : uid]).toEqual([0o600, uid])
  } catch (error) {
    throw new Error(said, { cause: error })
  } finally {
    server.kill(one('STOPSIGNAL') as NodeJS.Signals)
  }
  expect(await exited).toBe(0)
  expect(isHealthy()).toBe(false)
})
