/** The help, laid out from the command table: nothing here repeats what a command's own data says. */
import { commandNames, type CommandName } from './command-table.ts'
import { globalOptions } from './globals.ts'
import { shellWords } from './completion/shell-words.ts'
import type { Command, OptionSpecs } from './command.ts'
import type { Context } from './context.ts'

export function usageOf(name: string, { positionals, options }: Command): string {
  const words = positionals.map(({ name: word, optional, many }) => {
    const shown = many === true ? `${word} …` : word
    return optional === true ? `[${shown}]` : shown
  })
  return ['nokkel', name, ...words, ...(Object.keys(options).length > 0 ? ['[--…]'] : [])].join(' ')
}

function optionRows(options: OptionSpecs, { messages }: Context): (readonly [string, string])[] {
  return Object.entries(options).map(([name, spec]) => {
    const choices = spec.type === 'string' && Array.isArray(spec.completes) ? ` (${shellWords(spec.completes).join(', ')})` : ''
    return [`  --${name}${spec.type === 'string' ? ` ${spec.value}` : ''}`, `${messages.t(spec.about)}${choices}`]
  })
}

export function printHelpOf(context: Context, name: string, command: Command): void {
  const { messages, out } = context
  const about = messages.label('about', name)
  if (context.json) {
    const options = Object.entries(command.options).map(([option, spec]) => ({
      name: option,
      type: spec.type,
      about: messages.t(spec.about),
    }))
    return out.json({
      command: name,
      usage: usageOf(name, command),
      about,
      positionals: command.positionals.map(({ name: word, optional = false, many = false }) => ({ name: word, optional, many })),
      options,
    })
  }
  out.print(`${out.strong(usageOf(name, command))}`)
  out.print(`  ${about}`)
  const rows = [
    ...command.positionals.map((each) => [`  ${each.name}`, messages.t(`value.${each.name}`)] as const),
    ...optionRows(command.options, context),
  ]
  if (rows.length > 0) {
    out.print('')
    out.pairs(rows)
  }
  if ('field' in command.options && name !== 'show') {
    out.print('')
    out.print(messages.t('help.secrets'))
  }
  out.print('')
  out.print(out.dim(messages.t('help.everywhere')))
  out.pairs(optionRows(globalOptions, context))
}

export function printOverview(context: Context): void {
  const { messages, out } = context
  if (context.json)
    return out.json({ version: context.version, commands: commandNames.map((name) => ({ name, about: messages.t(`about.${name}`) })) })
  const heading = (key: 'help.commands' | 'help.everywhere' | 'help.environment' | 'help.exit'): void => {
    out.print('')
    out.print(out.strong(messages.t(key)))
  }
  out.print(messages.t('help.intro'))
  heading('help.commands')
  out.pairs(commandNames.map((name: CommandName) => [`  ${name}`, messages.t(`about.${name}`)]))
  heading('help.everywhere')
  out.pairs([...optionRows(globalOptions, context), ['  --version', messages.t('option.version')]])
  heading('help.environment')
  out.pairs([
    ['  NOKKEL_HOME', messages.t('help.env.home')],
    ['  NOKKEL_PASSCODE', messages.t('help.env.passcode')],
    ['  NOKKEL_PASSWORD', messages.t('help.env.password')],
    ['  NOKKEL_NEW_PASSCODE', messages.t('help.env.new-passcode')],
    ['  NOKKEL_SERVER', messages.t('help.env.server')],
    ['  NO_COLOR', messages.t('help.env.no-color')],
  ])
  heading('help.exit')
  out.print(`  ${messages.t('help.exit-codes')}`)
  out.print('')
  out.print(messages.t('help.secrets'))
  out.print(messages.t('help.more'))
}
