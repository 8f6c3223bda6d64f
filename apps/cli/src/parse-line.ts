/**
 * From words to a command and its arguments. Strict: what is not in the command's table is refused, and a secret on the line is
 * refused before anything else happens (SPEC: secrets never in arguments). Values are never repeated in an error.
 */
import { parseArgs } from 'node:util'
import { NokkelError } from '@nokkel/base'
import { commandNames, findLoader } from './command-table.ts'
import { usageError } from './usage.ts'
import { globalOptions, type Globals } from './globals.ts'
import type { Command, OptionSpecs, RawArgs } from './command.ts'

export interface FoundCommand {
  readonly name: string
  readonly load: () => Promise<Command>
  /** the line without the command's own words */
  readonly rest: readonly string[]
}

/** Options that people try and that would leave a secret in the shell's history and in the list of processes. */
const secretOptions = new Set([
  'password',
  'passcode',
  'new-passcode',
  'old-passcode',
  'passphrase',
  'pass',
  'pw',
  'pin',
  'secret',
  'totp',
  'otp',
  'number',
  'card-number',
  'private-key',
  'token',
  'cvc',
  'cvv',
])

/** A group named alone means this command of it. */
const groupDefaults: Readonly<Record<string, string>> = { devices: 'devices list' }

/** `undefined` when no command was named. Throws `usage` when there is none of that name. */
export function findCommand(argv: readonly string[], globals: Globals): FoundCommand | undefined {
  const words = commandWords(argv)
  const [first, second] = words.map((at) => argv[at] as string)
  if (first === undefined) {
    const stray = argv.find((word) => word.startsWith('-') && !isGlobal(word))
    if (stray !== undefined && !globals.help) throw optionRefused(stray)
    return undefined
  }
  const isGroup = commandNames.some((name) => name.startsWith(`${first} `))
  const two = second === undefined ? undefined : findLoader(`${first} ${second}`)
  const name = two !== undefined ? `${first} ${second}` : isGroup && second === undefined ? (groupDefaults[first] ?? first) : first
  const load = findLoader(name)
  if (load === undefined) {
    if (isGroup && second === undefined && globals.help) return undefined
    if (isGroup && second === undefined) throw usageError('missing-argument', { argument: groupChoices(first) })
    throw usageError('unknown-command', { command: isGroup ? `${first} ${second}` : first })
  }
  const used = new Set(words.slice(0, two === undefined ? 1 : 2))
  return { name, load: async () => (await load()).command, rest: argv.filter((_, at) => !used.has(at)) }
}

function groupChoices(group: string): string {
  return commandNames.filter((name) => name.startsWith(`${group} `)).join(', ')
}

const isGlobal = (word: string): boolean =>
  word === '-h' || Object.keys(globalOptions).some((name) => word === `--${name}` || word.startsWith(`--${name}=`))

/** Places of the first two words that are neither options nor values of global ones; they end at the first other option. */
function commandWords(argv: readonly string[]): number[] {
  const places: number[] = []
  for (let at = 0; at < argv.length && places.length < 2; at++) {
    const word = argv[at] as string
    if (!word.startsWith('-')) places.push(at)
    else if (!isGlobal(word)) break
    else if (word === '--home' || word === '--lang') at++
  }
  return places
}

function optionRefused(raw: string): NokkelError {
  const option = raw.split('=', 1)[0] as string
  return secretOptions.has(option.replace(/^-+/, '').toLowerCase())
    ? new NokkelError('secret-in-argument', { option })
    : usageError('unknown-option', { option })
}

export function parseCommand(found: FoundCommand, command: Command): RawArgs {
  const specs: OptionSpecs = { ...command.options, ...globalOptions }
  const { tokens } = parseArgs({
    args: [...found.rest],
    options: Object.fromEntries(Object.entries(specs).map(([name, { type }]) => [name, { type, ...(name === 'help' && { short: 'h' }) }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const values: Record<string, boolean | string | string[] | undefined> = {}
  for (const [name, spec] of Object.entries(command.options))
    values[name] = spec.type === 'boolean' ? false : spec.multiple === true ? [] : undefined
  const positionals: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value)
    if (token.kind !== 'option') continue
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined
    if (spec === undefined) throw optionRefused(token.rawName)
    if (spec.type === 'boolean') {
      if (token.value !== undefined) throw usageError('option-takes-no-value', { option: token.rawName })
      if (token.name in values) values[token.name] = true
      continue
    }
    // `--title --json` is a forgotten value, not a title; one that begins with a hyphen is written --title=-x
    if (token.value === undefined || (!token.inlineValue && token.value.length > 1 && token.value.startsWith('-')))
      throw usageError('option-needs-value', { option: token.rawName })
    if (!(token.name in values)) continue // a global one, see globals.ts
    const before = values[token.name]
    if (Array.isArray(before)) before.push(token.value)
    else values[token.name] = token.value
  }
  checkPositionals(found.name, command, positionals)
  return { values, positionals }
}

function checkPositionals(name: string, { positionals: specs }: Command, given: readonly string[]): void {
  const missing = specs.find((spec, at) => spec.optional !== true && given[at] === undefined)
  if (missing !== undefined) throw usageError('missing-argument', { argument: missing.name })
  if (given.length > specs.length && specs.at(-1)?.many !== true) throw usageError('too-many-arguments', { command: name })
}
