import { readFileSync, readlinkSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOlderNode, finish, isAlive, launcher, makePlace, run, start, until, type Place } from './run-cli.ts'

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
const olderNode = findOlderNode()
const nodes = [process.execPath, ...(olderNode === undefined ? [] : [olderNode])]

let place: Place
beforeAll(() => {
  place = makePlace()
})
afterAll(() => place.end())

describe.each(nodes)('the launcher on %s', (node) => {
  it('answers --version', async () => {
    expect(await run(['--version'], place, { node })).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('runs a command through a link, as node_modules/.bin has them', async () => {
    const script = join(place.folder, `nokkel-${nodes.indexOf(node)}`)
    symlinkSync(launcher, script)
    const ran = await run(['generate'], place, { node, script })
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}\n$/)
  })

  it('passes on exit statuses and both outputs', async () => {
    expect(await run(['list'], place, { node })).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('not signed in') as unknown,
    })
    expect(await run(['frob'], place, { node })).toMatchObject({ code: 2, stdout: '' })
  })

  it('passes on standard input', async () => {
    const ran = await run(['add', 'password', '--title', 'x', '--field', 'password=-', '--json'], place, { node, input: 'hunter2\n' })
    expect(ran.code).toBe(4)
    expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'not-signed-in' } })
    expect(ran.stdout + ran.stderr).not.toContain('hunter2')
  })

  // how far a process is can be seen from outside on Linux only
  it.skipIf(process.platform !== 'linux').each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('ends on %s with %i', async (signal, code) => {
    // the hidden agent waits for its handover on standard input: a command that stays
    const child = start(['__agent'], { node, env: place.env })
    const ended = new Promise((done) => child.once('exit', (status, by) => done({ status, by })))
    await settled(child.pid as number, node)
    child.kill(signal)
    expect(await ended).toEqual({ status: code, by: null })
  })

  // as above
  it.skipIf(process.platform !== 'linux')('takes the program with it when it is killed', async () => {
    const child = start(['__agent'], { node, env: place.env })
    await settled(child.pid as number, node)
    const program = childrenOf(child.pid as number, node)
    const ended = finishQuietly(child)
    child.kill('SIGKILL')
    await ended
    await until(() => !program.some(isAlive), 'the end of the program')
    expect(program).toHaveLength(1)
  })
})

/** The process that does the work: the launcher itself, or its child on the pinned Node. */
function childrenOf(pid: number, node: string): number[] {
  if (node === process.execPath) return [pid]
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number)
}

/** Until the program handles signals itself: SIGHUP (bit 0) is the last that it takes over, and Node leaves that one alone. */
async function settled(pid: number, node: string): Promise<void> {
  await until(() => {
    const [program] = childrenOf(pid, node)
    // between fork and exec the child still looks like the launcher
    if (program === undefined || readlinkSync(`/proc/${program}/exe`) !== realpathSync(process.execPath)) return false
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${program}/status`, 'utf8'))?.[1] ?? '0'
    return (BigInt(`0x${caught}`) & 1n) !== 0n
  }, 'a program that is ready')
}

async function finishQuietly(child: ReturnType<typeof start>): Promise<void> {
  await new Promise((done) => child.once('exit', done))
}

describe('what a line gets', () => {
  it('says everything in the language of the user (C3)', async () => {
    const words = async (args: readonly string[], env: NodeJS.ProcessEnv) => (await run(args, place, { env })).stderr
    expect(await words(['list'], { LANG: 'nb_NO.UTF-8' })).toContain('Denne enheten er ikke logget på.')
    expect(await words(['list', '--lang', 'nb'], {})).toContain('Denne enheten er ikke logget på.')
    expect(await words(['list', '--lang', 'klingon'], {})).toContain('--lang must be one of nb, en')
  })

  it('gets one JSON document for an error with --json, with code, message, hint and params', async () => {
    for (const args of [['list'], ['show'], ['frob'], ['--frob'], ['add', 'password', '--password', 'x'], ['list', '--lang', 'xx']]) {
      const { stdout, stderr, code } = await run([...args, '--json'], place)
      expect(code).toBeGreaterThan(0)
      expect(stderr).toBe('')
      expect(Object.keys((JSON.parse(stdout) as { error: object }).error).sort()).toEqual(['code', 'hint', 'message', 'params'])
    }
  })

  it('gets the usage of the command for a usage error', async () => {
    const { stderr, code } = await run(['show'], place)
    expect(code).toBe(2)
    expect(stderr).toContain('Usage: nokkel show ITEM')
  })

  it('C1: gets no chance to put a secret into the process list', async () => {
    const { stdout, code } = await run(['add', 'password', '--title', 'x', '--field', 'password=hunter2', '--json'], place)
    expect([code, (JSON.parse(stdout) as { error: { code: string } }).error.code]).toEqual([2, 'secret-in-argument'])
    expect(stdout).not.toContain('hunter2')
  })

  it('gets the help, in both languages, for all commands', async () => {
    const overview = await run(['help', '--json'], place)
    const { commands } = JSON.parse(overview.stdout) as { commands: { name: string }[] }
    expect(commands.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['account create', 'devices approve', 'passcode change', 'off']),
    )
    expect((await run(['help', '--lang', 'nb'], place)).stdout).toContain('be en klarert enhet om godkjenning')
    expect((await run(['add', '-h'], place)).stdout).toContain('--generate')
    expect((await run(['help', 'devices', 'approve'], place)).stdout).toContain('--code')
    expect((await run([], place)).code).toBe(0)
  })

  it('is quiet when nobody reads what it prints', async () => {
    const child = start(['help'], { env: place.env })
    child.stdout?.destroy()
    const ran = await finish(child)
    expect([ran.code, ran.stderr]).toEqual([0, ''])
  })

  it('says status and locks where there is no keychain, without making one', async () => {
    expect(JSON.parse((await run(['status', '--json'], place)).stdout)).toMatchObject({ state: 'empty', notices: [] })
    expect((await run(['lock'], place)).code).toBe(0)
    expect((await run(['unlock'], place)).code).toBe(4)
    expect(() => readFileSync(place.home)).toThrow(/ENOENT/)
  })
})

// there is no bash to ask on Windows
it.skipIf(process.platform === 'win32')('completes commands, options and kinds in bash', async () => {
  const { stdout: script } = await run(['completion', 'bash'], place)
  const { spawnSync } = await import('node:child_process')
  const complete = (line: string): string[] => {
    const words = line.split(' ')
    const quoted = words.map((word) => `'${word}'`).join(' ')
    const program = `${script}\ncompopt() { :; }\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _nokkel; printf '%s\\n' "\${COMPREPLY[@]}"`
    const ran = spawnSync('bash', ['-c', program], { encoding: 'utf8', env: place.env })
    expect(ran.stderr).toBe('')
    return ran.stdout.trim().split('\n')
  }
  expect(complete('nokkel dev')).toEqual(['devices'])
  expect(complete('nokkel devices a')).toEqual(['approve'])
  expect(complete('nokkel add ')).toEqual(['password', 'passkey', 'card', 'wifi', 'note'])
  expect(complete('nokkel --home /x add p')).toEqual(['password', 'passkey'])
  expect(complete('nokkel list --kind c')).toEqual(['card'])
  expect(complete('nokkel devices approve abcd --c')).toEqual(['--code'])
  expect(complete('nokkel completion ')).toEqual(['bash', 'zsh', 'fish'])
  expect(complete('nokkel import --format b')).toEqual(['bitwarden-csv', 'bitwarden-json'])
})

it.each(['zsh', 'fish'])('writes a script for %s that names every command', async (shell) => {
  const { stdout } = await run(['completion', shell], place)
  for (const word of ['account', 'create', 'approve', 'generate', 'dry-run']) expect(stdout).toContain(word)
  expect(stdout).not.toMatch(/undefined|\[object/)
})
