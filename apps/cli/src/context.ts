/** What a command is given: its words, its streams, its folder. Made once in main.ts; nothing here is a global. */
import type { ErrorParams } from '@nokkel/base'
import { createMessages, type Messages } from '@nokkel/messages'
import { createPrompter, type Prompter } from './input/prompter.ts'
import { languageOf } from './language.ts'
import { createOutput, type Output } from './output/output.ts'
import { usageError, type UsageReason } from './usage.ts'
import type { Globals } from './globals.ts'

export interface Context {
  readonly globals: Globals
  readonly home: string
  /** the person wants one JSON document */
  readonly json: boolean
  /**
   * For commands whose answer a script needs (`join`, `add`, `sync --watch`): JSON also where standard output is no terminal.
   */
  readonly jsonForScripts: boolean
  readonly env: NodeJS.ProcessEnv
  readonly version: string
  readonly messages: Messages
  readonly out: Output
  readonly prompt: Prompter
  /** aborted by Ctrl-C, SIGTERM or SIGHUP */
  readonly signal: AbortSignal
  usage(reason: UsageReason, params?: ErrorParams): never
}

export function createContext(given: { globals: Globals; env: NodeJS.ProcessEnv; version: string; signal: AbortSignal }): Context {
  const { globals, env, version, signal } = given
  const out = createOutput(env)
  return {
    globals,
    home: globals.home,
    json: globals.json,
    jsonForScripts: globals.json || !out.toTerminal,
    env,
    version,
    messages: createMessages(languageOf(globals.language, globals.home, env)),
    out,
    prompt: createPrompter(),
    signal,
    usage(reason, params) {
      throw usageError(reason, params)
    },
  }
}
