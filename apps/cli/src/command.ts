/** What a command is: its words on the line, as data for parsing, help and completion, and the function that does its work. */
import type { MessageKey } from '@nokkel/messages'
import type { Context } from './context.ts'

/** What a shell offers for an argument. */
export type Completes = 'item' | 'device' | 'file' | 'folder' | 'command' | readonly string[]

interface OptionBase {
  readonly about: Extract<MessageKey, `option.${string}`>
}
export interface FlagSpec extends OptionBase {
  readonly type: 'boolean'
}
export interface ValueSpec extends OptionBase {
  readonly type: 'string'
  /** how the value is called in the help */
  readonly value: string
  readonly multiple?: true
  readonly completes?: Completes
}
export type OptionSpec = FlagSpec | ValueSpec
export type OptionSpecs = Readonly<Record<string, OptionSpec>>

export interface PositionalSpec {
  readonly name:
    | 'ITEM'
    | 'DEVICE'
    | 'REQUEST'
    | 'KIND'
    | 'FIELD'
    | 'QUERY'
    | 'FILE'
    | 'NAME'
    | 'SHELL'
    | 'COMMAND'
    | 'URL'
    | 'NUMBER'
    | 'CLASS'
    | 'REACH'
    | 'SITE'
    | 'SWITCH'
    | 'STATE'
  readonly optional?: true
  /** takes all that follow */
  readonly many?: true
  readonly completes?: Completes
}

type ValueOf<O extends OptionSpec> = O extends { readonly type: 'boolean' }
  ? boolean
  : O extends { readonly multiple: true }
    ? readonly string[]
    : string | undefined

export interface ParsedArgs<O extends OptionSpecs = OptionSpecs> {
  readonly values: { readonly [K in keyof O]: ValueOf<O[K]> }
  readonly positionals: readonly string[]
}

/** As parsed, before a command's own table gives the values their types. */
export interface RawArgs {
  readonly values: Readonly<Record<string, boolean | string | readonly string[] | undefined>>
  readonly positionals: readonly string[]
}

export interface Command {
  readonly positionals: readonly PositionalSpec[]
  readonly options: OptionSpecs
  /** Resolves with an exit status, 0 when there is none; throws `NokkelError`. */
  run(context: Context, args: RawArgs): Promise<number | void>
}

interface CommandDefinition<O extends OptionSpecs> {
  readonly positionals?: readonly PositionalSpec[]
  readonly options?: O
  run(context: Context, args: ParsedArgs<O>): Promise<number | void>
}

export function defineCommand<const O extends OptionSpecs = Record<never, never>>(definition: CommandDefinition<O>): Command {
  const { positionals = [], options = {} } = definition
  // parse-line.ts makes `values` from these very `options`, which is what this assertion rests on
  return { positionals, options, run: (context, args) => definition.run(context, args as unknown as ParsedArgs<O>) }
}
