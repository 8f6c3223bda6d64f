/**
 * The person's terminal, read key by key. One reader for visible and hidden answers, because what is typed or pasted ahead must
 * reach the next question whole. Prompts go to standard error, or to the terminal itself where that is redirected.
 */
import { closeSync, openSync, writeSync } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { ReadStream } from 'node:tty'
import { NokkelError } from '@nokkel/base'
import { safeText } from '../output/terminal-text.ts'

/** Longest answer, in UTF-16 units: enough for every field that is asked for. */
const longest = 100_000

export interface Terminal {
  /** Asks and reads one line. Throws `cancelled` on Ctrl-C, and on Ctrl-D where nothing was typed. */
  readLine(prompt: string, options: { readonly echo: boolean }): Promise<string>
  close(): void
}

/**
 * Standard input when it is a terminal; else, when only that is redirected and a person sees our messages, the controlling terminal.
 * `undefined` where nobody can be asked.
 */
export function openTerminal(): Terminal | undefined {
  if (process.stdin.isTTY) {
    const { write, close } = promptTarget()
    return createTerminal(process.stdin, write, close)
  }
  if (!process.stderr.isTTY || process.platform === 'win32') return undefined
  let file: number
  try {
    file = openSync('/dev/tty', 'r+')
  } catch {
    return undefined // started without a controlling terminal
  }
  const input = new ReadStream(file)
  return createTerminal(
    input,
    (text) => void process.stderr.write(text),
    () => input.destroy(),
  )
}

function promptTarget(): { write: (text: string) => void; close: () => void } {
  if (process.stderr.isTTY || process.platform === 'win32') return { write: (text) => void process.stderr.write(text), close: () => {} }
  try {
    const file = openSync('/dev/tty', 'w')
    return { write: (text) => void writeSync(file, text), close: () => closeSync(file) }
  } catch {
    return { write: (text) => void process.stderr.write(text), close: () => {} }
  }
}

function createTerminal(input: ReadStream, write: (text: string) => void, close: () => void): Terminal {
  const decoder = new StringDecoder('utf8')
  let ahead = ''

  const nextKeys = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const stop = (): void => {
        input.off('data', onData)
        input.off('end', onEnd)
        input.off('error', onError)
        input.pause()
      }
      const onData = (chunk: Buffer): void => {
        stop()
        resolve(decoder.write(chunk))
      }
      const onEnd = (): void => {
        stop()
        reject(new NokkelError('cancelled'))
      }
      const onError = (error: Error): void => {
        stop()
        reject(error)
      }
      input.on('data', onData)
      input.once('end', onEnd)
      input.once('error', onError)
      input.resume()
    })

  return {
    async readLine(prompt, { echo }) {
      input.setRawMode(true)
      write(safeText(prompt))
      const line = new LineEditor(echo ? write : undefined)
      try {
        for (;;) {
          const { outcome, rest } = line.feed(ahead)
          ahead = rest
          if (outcome === 'done') return line.text
          if (outcome === 'cancelled') throw new NokkelError('cancelled')
          ahead = await nextKeys()
        }
      } finally {
        input.setRawMode(false)
        write('\n')
      }
    },
    close,
  }
}

/** Enough of a line editor: erase a character, a word, the line. Keys that move the cursor are ignored. */
export class LineEditor {
  #characters: string[] = []
  #escape = ''
  readonly #echo: ((text: string) => void) | undefined

  constructor(echo: ((text: string) => void) | undefined) {
    this.#echo = echo
  }

  get text(): string {
    return this.#characters.join('')
  }

  /** `rest` belongs to the next question. */
  feed(keys: string): { outcome: 'more' | 'done' | 'cancelled'; rest: string } {
    const characters = [...keys]
    for (let at = 0; at < characters.length; at++) {
      const key = characters[at] as string
      const rest = (): string => {
        // a pasted CR LF is one end of line
        const after = key === '\r' && characters[at + 1] === '\n' ? at + 2 : at + 1
        return characters.slice(after).join('')
      }
      if (this.#inEscape(key)) continue
      if (key === '\r' || key === '\n') return { outcome: 'done', rest: rest() }
      if (key === '\u0003' || (key === '\u0004' && this.#characters.length === 0)) return { outcome: 'cancelled', rest: '' }
      if (key === '\u007f' || key === '\b') this.#erase(1)
      else if (key === '\u0015') this.#erase(this.#characters.length)
      else if (key === '\u0017') this.#erase(this.#characters.length - this.text.trimEnd().lastIndexOf(' ') - 1)
      else if (key >= ' ' || key === '\t') {
        if (this.#characters.length >= longest) continue
        this.#characters.push(key)
        this.#echo?.(key)
      }
    }
    return { outcome: 'more', rest: '' }
  }

  /** Swallows an escape sequence (ECMA-48 §5.4 and SS3), so that an arrow key does not become part of a password. */
  #inEscape(key: string): boolean {
    if (this.#escape === '') {
      if (key !== '\u001b') return false
      this.#escape = key
      return true
    }
    this.#escape += key
    const isIntroducer = this.#escape.length === 2 && (key === '[' || key === 'O')
    if (!isIntroducer && !(this.#escape.startsWith('\u001b[') && key < '@')) this.#escape = ''
    return true
  }

  #erase(count: number): void {
    const removed = this.#characters.splice(Math.max(0, this.#characters.length - count))
    if (this.#echo !== undefined) this.#echo('\b \b'.repeat(removed.length))
  }
}
