/** The file under the keychain, broken for real on a real disk, through the doctor of the command line: process, exit status and repair (G). */
import { spawnSync } from 'node:child_process'
import { closeSync, cpSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World, type Device, type Server } from '../e2e/harness.ts'

const world = new World()
const email = 'lager@example.org'
let server: Server
let whole: Device
let copies = 0

beforeAll(async () => {
  server = await world.server()
  whole = world.device('Hel')
  await whole.create(server, email)
  for (const title of ['Bank', 'Post']) await whole.addPassword(title, 'hemmelig')
})
afterAll(() => world.end())

/** Another machine with the same disk. */
function copy(): Device {
  const device = world.device(`Kopi ${++copies}`)
  cpSync(whole.home, device.home, { recursive: true })
  return device
}
const file = (device: Device): string => join(device.home, 'keychain.sqlite')

interface Examined {
  readonly findings: readonly { readonly code: string; readonly title: string; readonly toDo: readonly string[] }[]
  readonly unobserved: readonly { readonly observation: string }[]
  readonly fixed: readonly { readonly action: string; readonly failed: string | null }[] | null
}
async function doctor(
  device: Device,
  ...args: readonly string[]
): Promise<Examined & { readonly code: number | null; readonly first: string[] }> {
  const ran = await device.run(['doctor', ...args])
  const json = ran.json as unknown as Examined
  return { ...json, code: ran.code, first: json.findings?.map(({ code }) => code) ?? [ran.stdout + ran.stderr] }
}

/** Until the system says that there is no more. */
function fillUp(path: string): void {
  const fd = openSync(path, 'w')
  try {
    for (;;) if (writeSync(fd, new Uint8Array(4_096)) === 0) return
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(fd)
  }
}

describe('G: the file of the keychain', () => {
  it('a whole one: nothing is found, and the exit status says so', async () => {
    expect(await doctor(copy())).toMatchObject({ first: [], unobserved: [], code: 0 })
  })

  it('database damaged: found before anything mends it, repaired when asked, and everything is there', async () => {
    const device = copy()
    const bytes = readFileSync(file(device))
    // a page in the middle, as a failing disk leaves it
    bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 4_096)
    writeFileSync(file(device), bytes)
    for (const suffix of ['-wal', '-shm']) rmSync(`${file(device)}${suffix}`, { force: true })
    expect(await doctor(device)).toMatchObject({ first: ['database-damaged'], code: 1 })
    expect(readFileSync(file(device)).equals(bytes)).toBe(true)
    const mended = await doctor(device, '--fix')
    expect(mended).toMatchObject({ first: [], fixed: [{ action: 'repair-database', failed: null }], code: 0 })
    expect((await device.ok(['list'])).items).toHaveLength(2)
  })

  it('local items not uploaded: a repaired keychain that has not met the cloud since', async () => {
    const device = copy()
    const bytes = readFileSync(file(device))
    bytes.fill(0x5a, Math.floor(bytes.length / 2), Math.floor(bytes.length / 2) + 4_096)
    writeFileSync(file(device), bytes)
    for (const suffix of ['-wal', '-shm']) rmSync(`${file(device)}${suffix}`, { force: true })
    await server.stop()
    await device.run(['list']) // any other command repairs by itself
    await server.start()
    const seen = await doctor(device)
    expect(seen.first).toEqual(['local-items-waiting'])
    expect(await doctor(device, '--fix')).toMatchObject({ first: [], fixed: [{ action: 'sync', failed: null }] })
  })

  it('written by a newer version', async () => {
    const device = copy()
    const db = new DatabaseSync(file(device))
    const { user_version: version } = db.prepare('PRAGMA user_version').get() as { user_version: number }
    db.exec(`PRAGMA user_version = ${version + 1}`)
    db.close()
    expect(await doctor(device)).toMatchObject({ first: ['database-too-new'], code: 1 })
    const back = new DatabaseSync(file(device))
    back.exec(`PRAGMA user_version = ${version}`)
    back.close()
    expect(await doctor(device)).toMatchObject({ first: [], code: 0 })
  })

  it('in use by another program', async () => {
    const device = copy()
    const other = new DatabaseSync(file(device))
    other.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    expect(await doctor(device)).toMatchObject({ first: ['database-in-use'], code: 1 })
    other.exec('ROLLBACK')
    other.close()
    expect(await doctor(device)).toMatchObject({ first: [], code: 0 })
  })

  it('cannot be opened', async () => {
    const device = copy()
    renameSync(file(device), `${device.home}.aside`)
    mkdirSync(file(device))
    expect(await doctor(device)).toMatchObject({ first: ['database-unreadable'], code: 1 })
    rmSync(file(device), { recursive: true })
    renameSync(`${device.home}.aside`, file(device))
    expect(await doctor(device)).toMatchObject({ first: [], code: 0 })
  })

  it('disk full', async (context) => {
    // left out where a small file system cannot be mounted
    if (process.platform !== 'linux' || process.getuid?.() !== 0) context.skip('mounting a small file system needs Linux and root')
    const device = copy()
    const kept = `${device.home}.kept`
    renameSync(device.home, kept)
    mkdirSync(device.home)
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=6m,mode=0700', 'tmpfs', device.home], { encoding: 'utf8' })
    // left out where a small file system cannot be mounted
    if (mounted.status !== 0) context.skip(`mounting is not possible here: ${mounted.stderr}`)
    try {
      cpSync(kept, device.home, { recursive: true })
      const ballast = join(device.home, 'photos')
      fillUp(ballast)
      expect(await doctor(device)).toMatchObject({ first: ['disk-full'], code: 1 })
      rmSync(ballast)
      expect(await doctor(device)).toMatchObject({ first: [], code: 0 })
    } finally {
      spawnSync('umount', [device.home])
    }
  })
})

describe('G: nokkel doctor', () => {
  it('looks at nothing that is not there, asks nobody, and says what it could not see', async () => {
    expect(await doctor(world.device('Tom'))).toMatchObject({ first: ['not-set-up'], code: 1 })
    const locked = await copy().run(['doctor'], { env: { NOKKEL_PASSCODE: '' } })
    expect(locked.json).toMatchObject({ findings: [{ code: 'locked' }] })
    expect((locked.json as unknown as Examined).unobserved.map(({ observation }) => observation)).toContain('network')
    expect((await copy().run(['doctor', '--symptom', 'headache'])).code).toBe(2)
  })

  it('says it in both languages, and makes a report that holds nothing personal', async () => {
    const device = copy()
    await server.stop()
    try {
      const nb = await device.run(['doctor', '--lang', 'nb'], { json: false })
      expect(nb.stdout).toMatch(/^Serveren kan ikke nås/)
      const en = await device.run(['doctor', '--lang', 'en', '--symptom', 'not-syncing'], { json: false })
      expect(en.stdout).toContain('The server cannot be reached')
      const report = await device.run(['doctor', '--report', '-'], { json: false })
      expect(report.stdout).toContain('server-unreachable')
      expect(report.stdout).not.toMatch(/example\.org|127\.0\.0\.1|Bank|Hel/)
    } finally {
      await server.start()
    }
  })
})
