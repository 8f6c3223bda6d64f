import { spawn, spawnSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOlderNode, launcher, makePlace, until, type Place } from './run-cli.ts'

let place: Place
beforeAll(() => {
  place = makePlace()
})
afterAll(() => place.end())

/** util-linux: runs a command in a terminal of its own. */
const terminalMaker = 'script'
const hasTerminalMaker = spawnSync(terminalMaker, ['--version']).status === 0
const account = ['account', 'create', '--server', 'http://127.0.0.1:9', '--email', 'ola@example.org']

/** A terminal that passes on what we type and what appears. */
function openTerminal(command: string, env: NodeJS.ProcessEnv = {}) {
  const child = spawn(terminalMaker, ['-qefc', command, '/dev/null'], {
    env: { ...place.env, SHELL: '/bin/sh', TERM: 'xterm', ...env },
    stdio: 'pipe',
  })
  let screen = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (screen += text))
  const closed = new Promise<number | null>((done) => child.once('close', done))
  return {
    screen: () => screen,
    closed,
    /** Types when the question stands there for the n-th time, so never before echo is off. */
    async answer(question: string, keys: string, time = 1): Promise<void> {
      await until(() => screen.split(question).length > time, question)
      child.stdin.write(keys)
    },
  }
}
const nokkel = (node: string, args: readonly string[]): string => [node, launcher, ...args].map((word) => `'${word}'`).join(' ')
const nodes = [process.execPath, findOlderNode()].filter((node) => node !== undefined)

// needs `script` of util-linux to make a terminal; macOS has another program of that name
describe.skipIf(!hasTerminalMaker || process.platform !== 'linux').each(nodes)('questions in a terminal, on %s', (node) => {
  it('asks for password and passcode twice, shows neither, and says when they differ', async () => {
    const terminal = openTerminal(nokkel(node, account))
    await terminal.answer('Choose a password for the account: ', 'hemmelig-passord-1\r')
    await terminal.answer('Once more: ', 'something else\r')
    await terminal.answer('Choose a password for the account: ', 'hemmelig-passord-1\r', 2)
    await terminal.answer('Once more: ', 'hemmelig-passord-1\r', 2)
    await terminal.answer('Choose a passcode for this device: ', '482915\r')
    await terminal.answer('Once more: ', '482915\r', 3)
    expect(await terminal.closed).toBe(5)
    expect(terminal.screen()).toContain('The two were not the same.')
    expect(terminal.screen()).toContain('There is no connection to the server.')
    for (const secret of ['hemmelig', 'something', '482915']) expect(terminal.screen()).not.toContain(secret)
  })

  it('is cancelled by Ctrl-C with 130 and leaves the terminal as it was', async () => {
    const terminal = openTerminal(`${nokkel(node, account)}; echo "status $?"; stty -a`)
    await terminal.answer('Choose a password', 'secretive\u0003')
    await terminal.closed
    expect(terminal.screen()).toMatch(/status 130\s/)
    expect(terminal.screen()).toMatch(/\sicanon\b/)
    expect(terminal.screen()).toMatch(/\secho\b/)
    expect(terminal.screen()).not.toContain('secretive')
  })

  it('takes the answers from the environment in scripts and asks nothing', async () => {
    const terminal = openTerminal(nokkel(node, account), { NOKKEL_PASSWORD: 'hemmelig-passord-1', NOKKEL_PASSCODE: '482915' })
    expect(await terminal.closed).toBe(5)
    expect(terminal.screen()).not.toContain('Choose')
  })

  it('asks on the terminal also where standard input is a pipe', async () => {
    const terminal = openTerminal(`echo piped | ${nokkel(node, account)}`)
    await terminal.answer('Choose a password for the account: ', '\u0003')
    expect(await terminal.closed).toBe(130)
  })
})

it('does not wait for answers where there is no terminal', async () => {
  const { run } = await import('./run-cli.ts')
  const ran = await run([...account, '--json'], place)
  expect(ran.code).toBe(2)
  expect(JSON.parse(ran.stdout)).toMatchObject({ error: { code: 'usage', params: { option: 'NOKKEL_PASSWORD' } } })
})
