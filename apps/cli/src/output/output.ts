/**
 * Standard output and standard error. What a script reads goes to the first and is written once, whole; everything said to the
 * person beside it goes to the second. Text for people is made fit for terminals here, so that no command can forget it.
 */
import { safeText } from './terminal-text.ts'
import { layOutPairs, layOutTable } from './table.ts'

export interface Output {
  /** standard output is a terminal */
  readonly toTerminal: boolean
  /** standard error is a terminal */
  readonly errorToTerminal: boolean
  readonly documentWritten: boolean
  /** One JSON document on a line of its own. Bytes become base64url; a Map becomes an object. */
  json(value: unknown): void
  errorJson(value: unknown): void
  /** A line for people on standard output. */
  print(text: string): void
  table(headings: readonly string[], rows: readonly (readonly string[])[]): void
  pairs(pairs: readonly (readonly [name: string, value: string])[]): void
  /** A value as it is, without anything added; control characters only reach what is not a terminal. */
  raw(value: string | Uint8Array): void
  /** A line for people on standard error. */
  note(text: string): void
  /** Overwrites the last line of standard error; only for terminals. */
  redraw(text: string): void
  strong(text: string): string
  dim(text: string): string
  bad(text: string): string
  /** Called when the reader of standard output has gone away. */
  onBrokenPipe(callback: () => void): void
  flush(): Promise<void>
}

const escape = '\u001b['
const ours = { strong: `${escape}1m`, dim: `${escape}2m`, bad: `${escape}31m`, off: `${escape}0m` }
/** Stand-ins from the private use area, exchanged for the sequences above at the very end, when all else has been made safe. */
const marks = { strong: '\ue0f1', dim: '\ue0f2', bad: '\ue0f3', off: '\ue0f0' }
const sequenceOf: ReadonlyMap<string, string> = new Map([
  [marks.strong, ours.strong],
  [marks.dim, ours.dim],
  [marks.bad, ours.bad],
  [marks.off, ours.off],
])
const markPattern = new RegExp(`[${Object.values(marks).join('')}]`, 'g')

export function createOutput(
  env: NodeJS.ProcessEnv,
  stdout: NodeJS.WriteStream = process.stdout,
  stderr: NodeJS.WriteStream = process.stderr,
): Output {
  const wantsColour = env['NO_COLOR'] === undefined || env['NO_COLOR'] === ''
  const colour = (stream: NodeJS.WriteStream): boolean => stream.isTTY && wantsColour && env['TERM'] !== 'dumb'
  let documentWritten = false
  let brokenPipe: (() => void) | undefined
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
      if (stream === stdout) brokenPipe?.()
    })
  }

  const finish = (text: string, stream: NodeJS.WriteStream): string => {
    const coloured = colour(stream)
    return safeText(text).replace(markPattern, (found) => (coloured ? (sequenceOf.get(found) ?? '') : ''))
  }
  const mark = (name: 'strong' | 'dim' | 'bad', text: string): string => `${marks[name]}${text.replace(markPattern, '')}${marks.off}`
  const print = (text: string): void => void stdout.write(`${finish(text, stdout)}\n`)

  return {
    toTerminal: stdout.isTTY,
    errorToTerminal: stderr.isTTY,
    get documentWritten() {
      return documentWritten
    },
    json(value) {
      documentWritten = true
      stdout.write(`${JSON.stringify(value, plainValue)}\n`)
    },
    errorJson: (value) => void stderr.write(`${JSON.stringify(value, plainValue)}\n`),
    print,
    table(headings, rows) {
      const { heading, lines } = layOutTable(headings, rows, stdout.isTTY && stdout.columns > 0 ? stdout.columns : undefined)
      print(mark('dim', heading))
      for (const line of lines) print(line)
    },
    pairs(pairs) {
      for (const line of layOutPairs(pairs, (name) => mark('dim', name))) print(line)
    },
    raw: (value) => void stdout.write(stdout.isTTY && typeof value === 'string' ? safeText(value) : value),
    note: (text) => void stderr.write(`${finish(text, stderr)}\n`),
    redraw: (text) => void (stderr.isTTY && stderr.write(`\r${finish(text, stderr)}${escape}K`)),
    strong: (text) => mark('strong', text),
    dim: (text) => mark('dim', text),
    bad: (text) => mark('bad', text),
    onBrokenPipe(callback) {
      brokenPipe = callback
    },
    async flush() {
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise<void>((done) => (stream.writable ? stream.write('', () => done()) : done()))),
      )
    },
  }
}

/** Buffers are asked for their own JSON form before a replacer sees them, hence `this`. */
function plainValue(this: unknown, key: string, value: unknown): unknown {
  const original = (this as Readonly<Record<string, unknown>>)[key]
  if (original instanceof Uint8Array) return Buffer.from(original).toString('base64url')
  return original instanceof Map ? Object.fromEntries(original as Map<string, unknown>) : value
}
