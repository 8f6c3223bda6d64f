/** Questions to the person, and standard input as a value. */
import { NokkelError } from '@nokkel/base'
import { usageError } from '../usage.ts'
import { openTerminal, type Terminal } from './terminal.ts'

export interface Prompter {
  /** Somebody can be asked. */
  readonly interactive: boolean
  /** Both throw `cancelled` on Ctrl-C, and must only be called where `interactive`. */
  line(prompt: string): Promise<string>
  hidden(prompt: string): Promise<string>
  /** Yes only for an answer that begins with yes, in either language; everything else is no. */
  confirm(prompt: string): Promise<boolean>
  /** All of standard input; may be asked for once (`usage: stdin-twice`). */
  readAll(limitBytes: number): Promise<Uint8Array>
  readonly stdinIsTerminal: boolean
  close(): void
}

export function createPrompter(): Prompter {
  let terminal: Terminal | undefined | null = null // null: not looked for yet
  let stdinUsed = false
  const find = (): Terminal | undefined => {
    if (terminal === null) terminal = openTerminal()
    return terminal
  }
  const ask = async (prompt: string, echo: boolean): Promise<string> => {
    const found = find()
    if (found === undefined) throw new NokkelError('internal', { what: 'no-terminal' })
    return found.readLine(prompt, { echo })
  }
  return {
    get interactive() {
      return find() !== undefined
    },
    line: (prompt) => ask(prompt, true),
    hidden: (prompt) => ask(prompt, false),
    confirm: async (prompt) => /^\s*(y|yes|j|ja)\s*$/i.test(await ask(prompt, true)),
    async readAll(limitBytes) {
      if (stdinUsed) throw usageError('stdin-twice')
      stdinUsed = true
      const chunks: Uint8Array[] = []
      let length = 0
      for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
        length += chunk.length
        if (length > limitBytes) throw new NokkelError('too-large', { limitBytes })
        chunks.push(chunk)
      }
      return new Uint8Array(Buffer.concat(chunks))
    },
    get stdinIsTerminal() {
      return process.stdin.isTTY
    },
    close() {
      if (terminal !== null) terminal?.close()
    },
  }
}
