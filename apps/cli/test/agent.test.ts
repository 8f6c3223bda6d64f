import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { dirname, join } from 'node:path'
import { Secret } from '@nokkel/base'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { agentSecondsLeft, keyFromAgent, lockAgents, startAgent } from '../src/agent/ask-agent.ts'
import { encodeRequest } from '../src/agent/frames.ts'
import { agentFile, allAgents, presentAgent, type AgentPlace } from '../src/agent/place.ts'
import { startBackground } from '../src/background/start-background.ts'
import { makeFolder, makePlace, run, until, type Place } from './run-cli.ts'

let place: Place
const newKey = (): Secret => new Secret(randomBytes(32))
const keyOf = async (home: string): Promise<string | undefined> => {
  const key = await keyFromAgent(home)
  return key === undefined ? undefined : Buffer.from(key.reveal()).toString('hex')
}
const agents = (): AgentPlace[] => allAgents(place.home, place.env)

beforeEach(() => {
  place = makePlace()
  makeFolder(place.home)
  delete process.env['XDG_RUNTIME_DIR'] // of the agent that this process starts; it inherits the rest
})
afterEach(async () => {
  if (existsSync(place.home)) await lockAgents(place.home, place.env)
  place.end()
})

// What is tested here is read from /proc; Windows, where agents are named pipes, is best effort
describe.skipIf(process.platform !== 'linux')('the agent', () => {
  it('hands out the key until it is locked', async () => {
    const key = newKey()
    expect(await keyOf(place.home)).toBeUndefined()
    await startAgent(place.home, place.env, key, 5)
    expect(await keyOf(place.home)).toBe(Buffer.from(key.reveal()).toString('hex'))
    expect(await agentSecondsLeft(place.home)).toBeGreaterThan(290)
    expect(await lockAgents(place.home, place.env)).toBe(true)
    expect(await keyOf(place.home)).toBeUndefined()
    expect(await lockAgents(place.home, place.env)).toBe(false)
    expect(readdirSync(join(place.home, 'agent'))).toEqual([])
    expect(existsSync(agentFile(place.home))).toBe(false)
  })

  it('lives in files that only this user can open', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const { folder, socket, token } = presentAgent(place.home) as AgentPlace
    expect([folder, socket, token, agentFile(place.home)].map((path) => (lstatSync(path).mode & 0o777).toString(8))).toEqual([
      '700',
      '600',
      '600',
      '600',
    ])
    expect(readFileSync(token)).toHaveLength(32)
  })

  it('gives nothing to somebody without the token', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const { socket } = presentAgent(place.home) as AgentPlace
    for (const frame of [encodeRequest('key', randomBytes(32)), Buffer.from('GET / HTTP/1.1\r\n\r\n'), randomBytes(5_000)])
      expect(await talk(socket, frame)).toHaveLength(0)
    expect(await keyOf(place.home)).toBeDefined()
  })

  it('is not asked where somebody else could have put it', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const { folder, token } = presentAgent(place.home) as AgentPlace
    chmodSync(folder, 0o755)
    expect(await keyOf(place.home)).toBeUndefined()
    chmodSync(folder, 0o700)
    chmodSync(token, 0o644)
    expect(await keyOf(place.home)).toBeUndefined()
    chmodSync(token, 0o600)
    expect(await keyOf(place.home)).toBeDefined()
    // a link in place of the folder
    renameSync(folder, `${folder}-elsewhere`)
    spawnSync('ln', ['-s', `${folder}-elsewhere`, folder])
    expect(await keyOf(place.home)).toBeUndefined()
    rmSync(folder)
    renameSync(`${folder}-elsewhere`, folder)
  })

  it('leaves one of two that start at once', async () => {
    const keys = [newKey(), newKey(), newKey()]
    await Promise.all(keys.map((key) => startAgent(place.home, place.env, key, 5)))
    await until(() => agents().length === 1, 'one agent')
    expect(keys.map((key) => Buffer.from(key.reveal()).toString('hex'))).toContain(await keyOf(place.home))
  })

  it('is replaced by the next one', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const second = newKey()
    await startAgent(place.home, place.env, second, 5)
    expect(agents()).toHaveLength(1)
    expect(await keyOf(place.home)).toBe(Buffer.from(second.reveal()).toString('hex'))
  })

  it('ends when it is not used', async () => {
    await startBackground('__agent', { home: place.home, idleMs: 1_500 }, newKey().reveal())
    expect(await agentSecondsLeft(place.home)).toBeDefined()
    await until(() => agents().length === 0 && readdirSync(join(place.home, 'agent')).length === 0, 'locking by itself')
  })

  it('ends when its folder or its home goes away', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const pid = agentPid()
    rmSync(place.home, { recursive: true })
    await until(() => !existsSync(`/proc/${pid}`), 'the end of the agent')
    mkdirSync(place.home)
    await startAgent(place.home, place.env, newKey(), 5)
    const second = agentPid()
    rmSync((presentAgent(place.home) as AgentPlace).folder, { recursive: true })
    await until(() => !existsSync(`/proc/${second}`), 'the end of the agent')
    expect(await keyOf(place.home)).toBeUndefined()
  })

  it('survives the terminal and wipes its files when it is told to end', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    const pid = agentPid()
    // a session of its own: the hang-up of this one does not reach it
    expect(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[3]).toBe(String(pid))
    process.kill(pid, 'SIGTERM')
    await until(() => agents().length === 0 && !existsSync(`/proc/${pid}`), 'the end of the agent')
  })

  it('finds a place also where the home’s path is too long for a socket', async () => {
    const home = makeFolder(join(place.folder, 'x'.repeat(120)))
    const key = newKey()
    process.env['TMPDIR'] = place.folder
    try {
      await startAgent(home, place.env, key, 5)
      const { folder } = presentAgent(home) as AgentPlace
      expect(dirname(folder)).toBe(place.folder)
      expect(await keyOf(home)).toBe(Buffer.from(key.reveal()).toString('hex'))
    } finally {
      await lockAgents(home, place.env)
      delete process.env['TMPDIR']
    }
  })

  it('prefers the run-time folder of the session, and is found from outside it', async () => {
    const runtime = makeFolder(join(place.folder, 'run'))
    process.env['XDG_RUNTIME_DIR'] = runtime
    try {
      await startAgent(place.home, { ...place.env, XDG_RUNTIME_DIR: runtime }, newKey(), 5)
    } finally {
      delete process.env['XDG_RUNTIME_DIR']
    }
    expect(dirname((presentAgent(place.home) as AgentPlace).folder)).toBe(runtime)
    expect((await run(['lock', '--json'], place)).stdout).toBe('{"locked":true,"wasUnlocked":true}\n')
    expect(await keyOf(place.home)).toBeUndefined()
  })

  it('is not mistaken for what a killed one left behind', async () => {
    await startAgent(place.home, place.env, newKey(), 5)
    process.kill(agentPid(), 'SIGKILL')
    await until(async () => (await agentSecondsLeft(place.home)) === undefined, 'silence')
    expect(await lockAgents(place.home, place.env)).toBe(false)
    expect(readdirSync(join(place.home, 'agent'))).toEqual([])
  })

  it('never has the passcode or the key in its arguments or environment', async () => {
    const key = newKey()
    await startAgent(place.home, place.env, key, 5)
    const pid = agentPid()
    const visible = readFileSync(`/proc/${pid}/cmdline`, 'utf8') + readFileSync(`/proc/${pid}/environ`, 'utf8')
    expect(visible).not.toContain(Buffer.from(key.reveal()).toString('hex'))
    expect(visible).not.toMatch(/NOKKEL_(PASS|NEW)/)
  })

  it('says that it could not start instead of pretending', async () => {
    writeFileSync(join(place.folder, 'file'), '')
    await expect(
      startBackground('__agent', { home: join(place.folder, 'file', 'none'), idleMs: 1_000 }, newKey().reveal()),
    ).rejects.toMatchObject({ code: 'internal' })
  })
})

/** Of the one agent that this test started: the process whose command is the hidden one and that holds this home's socket. */
function agentPid(): number {
  const { socket } = presentAgent(place.home) as AgentPlace
  const inode = readFileSync('/proc/net/unix', 'utf8')
    .split('\n')
    .find((line) => line.endsWith(` ${socket}`))
    ?.trim()
    .split(/\s+/)[6]
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const holds = spawnSync('sh', ['-c', `ls -l /proc/${pid}/fd 2>/dev/null | grep -q 'socket:\\[${inode}\\]'`]).status === 0
    if (holds) return Number(pid)
  }
  throw new Error('no agent')
}

function talk(socket: string, frame: Uint8Array): Promise<Buffer> {
  return new Promise((resolve) => {
    const connection = createConnection(socket)
    const chunks: Buffer[] = []
    connection.on('connect', () => connection.write(frame))
    connection.on('data', (chunk) => chunks.push(chunk))
    connection.on('error', () => {})
    connection.on('close', () => resolve(Buffer.concat(chunks)))
  })
}
