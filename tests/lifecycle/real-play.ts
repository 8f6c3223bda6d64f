/**
 * Plays with the real program: a server's folder and the homes of its devices, as they were at one moment, copied for each try. Everything but the
 * command under test goes through the client, which costs no process. All requests take the killer's road, whose address the devices remember.
 */
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNokkelError, Secret, type Bytes, type RequestId } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { passcode, password, World } from '../e2e/harness.ts'
import { Killer } from './killer.ts'

export const email = 'kari@example.org'
const names = ['pc', 'phone', 'fresh'] as const
export type Name = (typeof names)[number]
export type Scene = 'two' | 'phoneOff' | 'allOff' | 'dying'

export const world = new World()
export const killer = new Killer()
const keys = new Map<Name, Bytes>()
const scenes = new Map<Scene, string>()

const homeIn = (folder: string, name: string): string => join(folder, 'homes', name)
const note = (title: string): Parameters<Client['addItem']>[0] => ({ kind: 'note', fields: new Map([['title', title]]) })
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => {
      if (isNokkelError(error)) return error.code
      throw error
    },
  )

/** A server's folder and the homes of its devices, from a scene that was set before. */
export class Play {
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

export async function approveAs(play: Play, approver: Name, requestId: string, code: string, signal: AbortSignal): Promise<void> {
  await (await play.client(approver)).approve(requestId as RequestId, code, { signal, timeoutMs: 20_000 })
}

export async function letIn(play: Play, name: Name, approver: Name): Promise<void> {
  const client = await play.client(name)
  await client.signIn({ server: killer.url, email, password, passcode, deviceName: name })
  const { requestId, code } = await client.requestJoin()
  const never = new AbortController().signal
  await Promise.all([client.waitForJoin(), approveAs(play, approver, requestId, code, never)])
}

export async function setScenes(): Promise<void> {
  await killer.start()
  const two = await Play.of(null)
  const pc = await two.client('pc')
  await pc.createAccount({ server: killer.url, email, password, passcode, deviceName: 'pc' })
  keys.set('pc', pc.unlockKey().reveal().slice())
  await pc.addItem(note('Bank'))
  await letIn(two, 'phone', 'pc')
  keys.set('phone', (await two.client('phone')).unlockKey().reveal().slice())
  await pc.sync()
  // a change that has not left the device yet
  killer.lead('http://127.0.0.1:1')
  await pc.addItem(note('Usendt'))
  assert.equal((await pc.status()).pendingChanges, 1)
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
}

export async function strikeScenes(): Promise<void> {
  killer.close()
  for (const folder of scenes.values()) rmSync(folder, { recursive: true, force: true })
  await world.end()
}
