/**
 * The program behind bin/nokkel.js: from a command line to an exit status. It loads the one command that was asked for and nothing
 * else, turns whatever is thrown into words or JSON, and sees to signals. No command's own work belongs here.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isNokkelError } from '@nokkel/base'
import type { Command } from './command.ts'
import { createContext, type Context } from './context.ts'
import { exitCodeOf, exitCodeOfSignal } from './exit-codes.ts'
import { findCommand, parseCommand } from './parse-line.ts'
import { readGlobals } from './globals.ts'
import { dieWithLauncher } from './die-with-launcher.ts'
import { reportError, toNokkelError } from './report-error.ts'

/** Ctrl-C reaches us twice where the launcher passes it on as well; within this time it is one. */
const sameSignalMs = 300
/** How long work that was interrupted may take to end tidily. */
const graceMs = 1_000

export async function main(argv: readonly string[]): Promise<void> {
  dieWithLauncher()
  process.umask(0o077) // whatever we create belongs to this user alone
  const env = takeEnvironment()
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string }
  const abort = new AbortController()
  const context = createContext({ globals: readGlobals(argv, env), env, version, signal: abort.signal })
  const interrupted = watchSignals(abort)
  context.out.onBrokenPipe(() => process.exit(0))

  let status: number
  let asked: { readonly name: string; readonly command: Command } | undefined
  try {
    status = await runLine(context, argv, (name, command) => (asked = { name, command }))
  } catch (error) {
    const known = toNokkelError(error, abort.signal)
    const signal = interrupted()
    status = signal !== undefined && isNokkelError(known, 'cancelled') ? exitCodeOfSignal(signal) : exitCodeOf(known)
    await reportError(context, known, asked)
  }
  context.prompt.close()
  await context.out.flush()
  process.exit(status)
}

async function runLine(context: Context, argv: readonly string[], onFound: (name: string, command: Command) => void): Promise<number> {
  const { language } = context.globals
  if (language !== undefined && language !== 'nb' && language !== 'en') {
    context.usage('invalid-value', { option: '--lang', expected: context.messages.t('expected.kind', { choices: 'nb, en' }) })
  }
  const found = findCommand(argv, context.globals)
  if (found === undefined) {
    const { command } = await import('./commands/help.ts')
    return (await command.run(context, { values: {}, positionals: [] })) ?? 0
  }
  const command = await found.load()
  onFound(found.name, command)
  if (context.globals.help) {
    const { printHelpOf } = await import('./help-text.ts')
    printHelpOf(context, found.name, command)
    return 0
  }
  return (await command.run(context, parseCommand(found, command))) ?? 0
}

/** Secrets leave the environment of this process at once, so that no program started from here inherits them. */
function takeEnvironment(): NodeJS.ProcessEnv {
  const env = { ...process.env }
  for (const name of ['NOKKEL_PASSWORD', 'NOKKEL_PASSCODE', 'NOKKEL_NEW_PASSCODE']) delete process.env[name]
  return env
}

/** The first signal asks the work to stop, the second, or the end of the grace, stops it: the store is never half written. */
function watchSignals(abort: AbortController): () => NodeJS.Signals | undefined {
  let first: { signal: NodeJS.Signals; at: number } | undefined
  const signals: readonly NodeJS.Signals[] = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) {
    process.on(signal, () => {
      const now = performance.now()
      if (first === undefined) {
        first = { signal, at: now }
        abort.abort()
        setTimeout(() => process.exit(exitCodeOfSignal(signal)), graceMs).unref()
      } else if (now - first.at > sameSignalMs) process.exit(exitCodeOfSignal(signal))
    })
  }
  return () => first?.signal
}
