/** Completion for fish, with the descriptions of the help. */
import type { Completes } from '../command.ts'
import { firstWords, secondWords, valuedOptions, type CompletionModel, type CompletionOption } from './model.ts'
import { fishQuoted as quoted } from './shell-words.ts'

export function fishScript(model: CompletionModel): string {
  const { commands, groups, everywhere } = model
  const aboutOf = (name: string): string => commands.find((command) => command.name === name)?.about ?? ''
  const line = (condition: string, rest: string): string => `complete -c nokkel -n ${quoted(condition)} ${rest}`
  const option = (condition: string, { name, about, takesValue, completes }: CompletionOption): string =>
    line(condition, `-l ${name} ${takesValue ? `-r ${offer(completes)} ` : ''}-d ${quoted(about)}`)
  const first = firstWords(model).map((name) => line('__nokkel_at "" 0', `-a ${quoted(name)} -d ${quoted(aboutOf(name))}`))
  const second = groups.flatMap((group) =>
    secondWords(model, group).map((name) => line(`__nokkel_at ${group} 0`, `-a ${quoted(name)} -d ${quoted(aboutOf(`${group} ${name}`))}`)),
  )
  const own = commands.flatMap((command) => [
    ...command.options.map((each) => option(`__nokkel_at "${command.name}"`, each)),
    ...command.positionals.map(({ completes, many }, at) =>
      line(
        `__nokkel_at "${command.name}"${many ? '' : ` ${at}`}`,
        completes === 'command' ? `-a ${quoted(firstWords(model).join(' '))}` : completes === undefined ? '-f' : offer(completes),
      ),
    ),
  ])
  return `# fish completion for nokkel. To use it: nokkel completion fish | source
function __nokkel_at --description 'is this the command, and this the number of its arguments?'
  set -l words (commandline -opc)
  set -e words[1]
  set -l command ''
  set -l count 0
  set -l skip 0
  for word in $words
    if test $skip = 1
      set skip 0
      continue
    end
    switch $word
      case ${valuedOptions(model).join(' ')}
        set skip 1
        continue
      case '-*'
        continue
    end
    if test -z "$command"
      set command $word
      continue
    end
    switch "$command $word"
      case ${commands
        .filter(({ name }) => name.includes(' '))
        .map(({ name }) => quoted(name))
        .join(' ')}
        set command "$command $word"
      case '*'
        set count (math $count + 1)
    end
  end
  test "$command" = "$argv[1]"; and begin
    test (count $argv) = 1; or test $count = $argv[2]
  end
end
complete -c nokkel -f
${everywhere.map((each) => option('true', each)).join('\n')}
${[...first, ...second, ...own].join('\n')}
`
}

function offer(completes: Completes | undefined): string {
  if (completes === 'file' || completes === 'folder') return '-F'
  if (completes === 'item' || completes === 'device') return `-f -a ${quoted(`(nokkel __complete ${completes} 2>/dev/null)`)}`
  return typeof completes === 'object' ? `-f -a ${quoted(completes.join(' '))}` : '-f'
}
