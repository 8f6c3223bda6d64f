/** All commands with their options and arguments, for the scripts. Loads every command, which only this command does. */
import type { Messages } from '@nokkel/messages'
import { commandNames, findLoader } from '../command-table.ts'
import { globalOptions } from '../globals.ts'
import type { Completes, OptionSpecs } from '../command.ts'

export interface CompletionOption {
  readonly name: string
  readonly about: string
  readonly takesValue: boolean
  readonly completes: Completes | undefined
}

export interface CompletionCommand {
  /** one or two words */
  readonly name: string
  readonly about: string
  readonly options: readonly CompletionOption[]
  /** what each argument may be; the last one repeats where `many` */
  readonly positionals: readonly { readonly completes: Completes | undefined; readonly many: boolean }[]
}

export interface CompletionModel {
  readonly commands: readonly CompletionCommand[]
  /** first words of the commands of two words */
  readonly groups: readonly string[]
  readonly everywhere: readonly CompletionOption[]
}

export async function loadModel(messages: Messages): Promise<CompletionModel> {
  const options = (specs: OptionSpecs): CompletionOption[] =>
    Object.entries(specs).map(([name, spec]) => ({
      name,
      about: messages.t(spec.about),
      takesValue: spec.type === 'string',
      completes: spec.type === 'string' ? spec.completes : undefined,
    }))
  const commands = await Promise.all(
    commandNames.map(async (name): Promise<CompletionCommand> => {
      const { command } = await (findLoader(name) as NonNullable<ReturnType<typeof findLoader>>)()
      return {
        name,
        about: messages.t(`about.${name}`),
        options: options(command.options),
        positionals: command.positionals.map(({ completes, many = false }) => ({ completes, many })),
      }
    }),
  )
  const groups = [...new Set(commandNames.flatMap((name) => (name.includes(' ') ? [name.split(' ', 1)[0] as string] : [])))]
  return { commands, groups, everywhere: options(globalOptions) }
}

/** The words that may begin a command, and those that may follow a group's. */
export function firstWords({ commands, groups }: CompletionModel): string[] {
  return [...commands.flatMap(({ name }) => (name.includes(' ') ? [] : [name])), ...groups]
}

export function secondWords({ commands }: CompletionModel, group: string): string[] {
  return commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name.slice(group.length + 1)] : []))
}

export function valuedOptions({ commands, everywhere }: CompletionModel): string[] {
  return [
    ...new Set(
      [...everywhere, ...commands.flatMap(({ options }) => options)].filter(({ takesValue }) => takesValue).map(({ name }) => `--${name}`),
    ),
  ]
}
