/**
 * Starts this program once more, detached from the terminal, for work that outlives the command: the agent, waiting for approval,
 * clearing the clipboard. It gets a clean environment (main.ts took the secrets out) and holds no folder of the user busy.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, parse } from 'node:path'
import { NokkelError } from '@nokkel/base'
import { encodeHandover } from './handover.ts'

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'nokkel.js')
/** Said by a background process when it has taken over. */
const readyWord = 'ready'
const patienceMs = 15_000

export type BackgroundCommand = '__agent' | '__await-approval' | '__clear-clipboard'

/** Resolves when the process says that it has taken over; throws `internal` when it does not. */
export async function startBackground(
  command: BackgroundCommand,
  settings: Readonly<Record<string, string | number>>,
  secret: Uint8Array,
): Promise<void> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', launcher, command], {
    cwd: parse(process.cwd()).root,
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    windowsHide: true,
  })
  const handover = encodeHandover(settings, secret)
  child.stdin.on('error', () => {}) // it ended early, which is noticed below
  child.stdin.end(handover, () => handover.fill(0))
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  try {
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit'), once(child, 'error')])
  } finally {
    clearTimeout(timer)
  }
  if (said.trim() !== readyWord) throw new NokkelError('internal', { what: command.slice(2) })
  child.stdout.destroy()
  child.unref()
}

/** Called by the background process itself; afterwards nobody listens to it. */
export function sayReady(): Promise<void> {
  process.stdout.on('error', () => {})
  return new Promise((done) => process.stdout.write(`${readyWord}\n`, () => done()))
}
