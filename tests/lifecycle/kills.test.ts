/**
 * LIF-2 with the real program: `nokkel …` is killed with SIGKILL at moments spread over its run, at its requests, at the answers to them and at
 * its writes, and then typed again. The server is the real one, the store is the file that it is; what the devices hold afterwards is read through
 * the client. A few moments for each command by default; NOKKEL_KILL_MOMENTS names how many, up to all.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNokkelError, Secret, type Bytes, type RequestId } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, password, World, type Ran } from '../e2e/harness.ts'
import { Killer } from './killer.ts'

const momentsMost = Number(process.env['NOKKEL_KILL_MOMENTS'] ?? 3)
const email = 'kari@example.org'
const names = ['pc', 'phone', 'fresh'] as const
type Name = (typeof names)[number]
type Scene = 'two' | 'phoneOff' | 'allOff' | 'dying'

const world = new World()
const killer = new Killer()
const keys = new Map<Name, Bytes>()
const scenes = new Map<Scene, string>()

const homeIn = (folder: string, name: string): string => join(folder, 'homes', name)
const note = (title: string): Parameters<Client['addItem']>[0] => ({ kind: 'note', fields: new Map([['title', title]]) })
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (isNokkelError(error)) return error.code
      throw error
    },
  )

/** A server's folder and the homes of its devices, from a scene that was set before. */
class Play {
  readonly folder = mkdtempSync(join(tmpdir(), 'nokkel-kills-'))
  server: TestServer | null = null
  readonly #open = new Map<Name, Client>()

  static async of(scene: Scene | null): Promise<Play> {
    const play = new Play()
    const from = scene === null ? undefined : scenes.get(scene)
    if (from !== undefined) cpSync(from, play.folder, { recursive: true })
    play.server = await startTestServer({ data: join(play.folder, 'server'), logLevel: 'silent' })
    killer.lead(play.server.url)
    return play
  }

  home(name: Name): string {
    return homeIn(this.folder, name)
  }

  /** The device as its owner sees it; closed again by `release`, before a command needs the file. */
  async client(name: Name): Promise<Client> {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const client = await openNodeClient({ home: this.home(name), clientVersion: '0.1.0' })
    this.#open.set(name, client)
    const key = keys.get(name)
    if (key !== undefined && (await client.state()) === 'locked') await client.unlockWithKey(new Secret(key.slice()))
    return client
  }

  async titles(name: Name): Promise<string> {
    const items = await (await this.client(name)).items()
    return items
      .map(({ title }) => title)
      .sort()
      .join()
  }

  async stands(name: Name): Promise<string> {
    const client = await this.client(name)
    const state = await client.state()
    return `${state}: ${await this.titles(name).catch(() => '')}`
  }

  async release(): Promise<void> {
    for (const client of this.#open.values()) await client.close()
    this.#open.clear()
  }

  /** Rests as it is, for plays that begin here. */
  async keepAs(scene: Scene): Promise<void> {
    await this.release()
    await this.server?.stop()
    scenes.set(scene, this.folder)
  }

  async end(): Promise<void> {
    await this.release()
    await this.server?.dispose()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function approveAs(play: Play, approver: Name, requestId: string, code: string, signal: AbortSignal): Promise<void> {
  await (await play.client(approver)).approve(requestId as RequestId, code, { signal, timeoutMs: 20_000 })
}

async function join2(play: Play, name: Name, approver: Name): Promise<void> {
  const client = await play.client(name)
  await client.signIn({ server: killer.url, email, password, passcode, deviceName: name })
  const { requestId, code } = await client.requestJoin()
  const never = new AbortController().signal
  await Promise.all([client.waitForJoin(), approveAs(play, approver, requestId, code, never)])
}

beforeAll(async () => {
  await killer.start()
  const two = await Play.of(null)
  const pc = await two.client('pc')
  await pc.createAccount({ server: killer.url, email, password, passcode, deviceName: 'pc' })
  keys.set('pc', pc.unlockKey().reveal().slice())
  await pc.addItem(note('Bank'))
  await join2(two, 'phone', 'pc')
  keys.set('phone', (await two.client('phone')).unlockKey().reveal().slice())
  await pc.sync()
  // a change that has not left the device yet
  killer.lead('http://127.0.0.1:1')
  await pc.addItem(note('Usendt'))
  expect((await pc.status()).pendingChanges).toBe(1)
  await two.keepAs('two')
  const phoneOff = await Play.of('two')
  await (await phoneOff.client('pc')).sync()
  await (await phoneOff.client('phone')).sync()
  await (await phoneOff.client('phone')).turnOff({ copy: 'keep' })
  await (await phoneOff.client('pc')).addItem(note('Imens'))
  await phoneOff.keepAs('phoneOff')
  const allOff = await Play.of('two')
  await (await allOff.client('pc')).turnOff({ copy: 'keep', everywhere: true })
  await allOff.keepAs('allOff')
  const dying = await Play.of('two')
  await (await dying.client('pc')).deleteAccount()
  await dying.keepAs('dying')
})
afterAll(async () => {
  killer.close()
  for (const folder of scenes.values()) rmSync(folder, { recursive: true, force: true })
  await world.end()
})

interface Typed {
  readonly title: string
  readonly scene: Scene
  readonly actor: Name
  readonly args: (play: Play) => readonly string[]
  /** a second device says yes to the code that is shown */
  readonly approver?: Name
  /** what the command may say when it is typed again and had gone through */
  readonly done: readonly string[]
  readonly isAfter: (play: Play) => Promise<void>
}

const backupFile = (play: Play): string => join(play.folder, 'device.json')
const signedIn = (play: Play, actor: Name) => async () => {
  // told that its session is over, as after every reset whose answer was lost: signing in finishes it
  const client = await play.client(actor)
  if ((await codeOf(client.sync())) === 'session-invalid')
    await client.signIn({ server: killer.url, email, password, passcode, deviceName: actor })
}
const dueMs = async (play: Play): Promise<unknown> =>
  ((await (await play.client('pc')).exportServerData())['account'] as { deletionDueMs: number | null }).deletionDueMs

function off(copy: 'keep' | 'delete'): Typed {
  return {
    title: `D2 off --${copy}`,
    scene: 'two',
    actor: 'pc',
    args: () => ['off', `--${copy}`],
    done: ['keychain-off'],
    async isAfter(play) {
      expect(await play.stands('pc')).toBe(copy === 'keep' ? 'off: Bank,Usendt' : 'off: ')
      const phone = await play.client('phone')
      await phone.sync()
      expect(await play.stands('phone')).toBe('trusted: Bank,Usendt')
      expect((await phone.status()).circle).toMatchObject({ activeDevices: 1, rotationDue: false })
    },
  }
}

const typed: readonly Typed[] = [
  off('keep'),
  off('delete'),
  {
    title: 'D3 off --everywhere --delete',
    scene: 'two',
    actor: 'pc',
    args: () => ['off', '--everywhere', '--delete', '--confirm', email],
    done: ['keychain-off', 'device-removed', 'keychain-ended'],
    async isAfter(play) {
      expect(await play.stands('pc')).toBe('off: ')
      expect(await codeOf((await play.client('phone')).sync())).toMatch(/^(device-removed|keychain-ended)$/)
      expect(await play.stands('phone')).toBe('removed: ')
    },
  },
  {
    title: 'B3 devices remove',
    scene: 'two',
    actor: 'pc',
    args: () => ['devices', 'remove', 'phone', '--yes'],
    done: ['not-found'],
    async isAfter(play) {
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect((await pc.status()).circle).toMatchObject({ activeDevices: 1, rotationDue: false })
      expect(await codeOf((await play.client('phone')).sync())).toBe('device-removed')
      expect(await play.stands('phone')).toBe('removed: Bank')
    },
  },
  {
    title: 'D4 reset --from-device',
    scene: 'two',
    actor: 'pc',
    args: () => ['reset', '--from-device', '--confirm', email],
    done: ['session-invalid', 'not-signed-in', 'keychain-ended'],
    async isAfter(play) {
      await signedIn(play, 'pc')()
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect((await pc.status()).pendingChanges).toBe(0)
      expect(await codeOf((await play.client('phone')).sync())).toBe('keychain-ended')
      expect(await play.stands('phone')).toBe('reset: Bank')
    },
  },
  {
    title: 'D2 on --wait, after off here',
    scene: 'phoneOff',
    actor: 'phone',
    args: () => ['on', '--wait'],
    approver: 'pc',
    done: ['already-on'],
    async isAfter(play) {
      const [pc, phone] = [await play.client('pc'), await play.client('phone')]
      await phone.sync()
      await pc.sync()
      expect(await play.stands('phone')).toBe('trusted: Bank,Imens,Usendt')
      expect(await play.stands('pc')).toBe('trusted: Bank,Imens,Usendt')
      expect((await pc.status()).circle).toMatchObject({ activeDevices: 2 })
    },
  },
  {
    title: 'D3 on, after off everywhere',
    scene: 'allOff',
    actor: 'pc',
    args: () => ['on'],
    done: ['already-on'],
    async isAfter(play) {
      await signedIn(play, 'pc')()
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect(await pc.status()).toMatchObject({ pendingChanges: 0, circle: { activeDevices: 1 } })
    },
  },
  {
    title: 'H2 account delete',
    scene: 'two',
    actor: 'pc',
    args: () => ['account', 'delete', '--confirm', email],
    done: [],
    async isAfter(play) {
      expect(await dueMs(play)).toEqual(expect.any(Number))
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'H2 account keep',
    scene: 'dying',
    actor: 'pc',
    args: () => ['account', 'keep'],
    done: [],
    async isAfter(play) {
      expect(await dueMs(play)).toBeNull()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'D1 backup save',
    scene: 'two',
    actor: 'pc',
    args: (play) => ['backup', 'save', backupFile(play)],
    // written already, and never over another file
    done: ['io-failed'],
    async isAfter(play) {
      expect(JSON.parse(readFileSync(backupFile(play), 'utf8'))).toMatchObject({ kind: 'nokkel-device-backup', email })
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'D1 backup restore',
    scene: 'two',
    actor: 'fresh',
    args: (play) => ['backup', 'restore', backupFile(play)],
    done: [],
    async isAfter(play) {
      const fresh = await play.client('fresh')
      if ((await fresh.state()) === 'locked') await fresh.unlock(passcode)
      expect(await fresh.state()).toBe('empty')
      expect((await fresh.settings()).autoLockMinutes).toBe(5)
      await join2(play, 'fresh', 'pc')
      await (await play.client('pc')).sync()
      await fresh.sync()
      expect(await play.stands('fresh')).toBe('trusted: Bank,Usendt')
    },
  },
]

async function type(play: Play, { actor, args, approver }: Typed, aimed: boolean): Promise<Ran> {
  const device = world.device(actor, { NOKKEL_HOME: play.home(actor) })
  const running = device.start(args(play))
  if (aimed) killer.aim(running.child)
  if (approver === undefined) return running.done
  const ended = new AbortController()
  const approving = running
    .line()
    .then((line) => {
      const ticket = JSON.parse(line) as { requestId?: string; code?: string }
      return ticket.requestId === undefined ? undefined : approveAs(play, approver, ticket.requestId, ticket.code ?? '', ended.signal)
    })
    // it may be dead before it shows anything, and whom the approver waits for may be dead
    .catch(() => undefined)
  const ran = await running.done
  ended.abort()
  await approving
  return ran
}

/** The device's own file, and what a command writes for its user. */
const arm = (play: Play, { actor }: Typed, place: number | null): void =>
  killer.arm([play.home(actor), play.folder], /^keychain\.sqlite(?!-shm)|^\.?device\.json/, place)

async function setUp(each: Typed): Promise<Play> {
  const play = await Play.of(each.scene)
  if (each.title === 'D1 backup restore')
    await world.device('pc', { NOKKEL_HOME: play.home('pc') }).ok(['backup', 'save', backupFile(play)])
  return play
}

/** `most` of them, first and last among them, the rest as far apart as can be. */
function spread(count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, at) => at)
  return [...new Set(Array.from({ length: most }, (_, at) => Math.round((at * (count - 1)) / (most - 1))))]
}

describe.each(typed.map((each) => [each.title, each] as const))('LIF-2 %s', (_, each) => {
  it('killed at a request, an answer or a write, and typed again', async () => {
    const whole = await setUp(each)
    arm(whole, each, null)
    const ran = await type(whole, each, false)
    expect(ran.code, ran.stdout + ran.stderr).toBe(0)
    const { length } = killer.moments
    killer.disarm()
    await each.isAfter(whole)
    await whole.end()
    expect(length).toBeGreaterThan(0)
    const broken: string[] = []
    let kills = 0
    for (const place of spread(length, momentsMost)) {
      const play = await setUp(each)
      arm(play, each, place)
      const first = await type(play, each, true)
      if (first.code === null) kills++
      const moment = killer.moments[place] ?? 'its end'
      killer.disarm()
      await play.release()
      try {
        const again = await type(play, each, false)
        if (again.code !== 0) expect(each.done, again.stdout + again.stderr).toContain(again.json.error?.code)
        await play.release()
        await each.isAfter(play)
      } catch (error) {
        broken.push(`killed at moment ${place} of ${length}, ${moment}: ${error instanceof Error ? error.message : String(error)}`)
      }
      await play.end()
    }
    expect(broken).toEqual([])
    expect(kills).toBeGreaterThan(0)
  }, 600_000)
})
