/** Completion for zsh, with the descriptions of the help. */
import type { Completes } from '../command.ts'
import { firstWords, secondWords, valuedOptions, type CompletionModel, type CompletionOption } from './model.ts'
import { quoted } from './shell-words.ts'

/** `_describe` divides name and description at the first colon that is not escaped. */
const described = (name: string, about: string): string => quoted(`${name.replaceAll(':', '\\:')}:${about}`)

export function zshScript(model: CompletionModel): string {
  const { commands, groups, everywhere } = model
  const aboutOf = (name: string): string => commands.find((command) => command.name === name)?.about ?? ''
  const names = commands.filter(({ name }) => name.includes(' ')).map(({ name }) => quoted(name))
  const options = (list: readonly CompletionOption[]): string => list.map(({ name, about }) => described(`--${name}`, about)).join(' ')
  return `#compdef nokkel
# zsh completion for nokkel. To use it: source <(nokkel completion zsh)
_nokkel_names() {
  local -a names
  names=("\${(@f)$("\${words[1]}" __complete "$1" 2>/dev/null)}")
  compadd -- "\${names[@]}"
}
_nokkel() {
  local command= word prev=\${words[CURRENT-1]} count=0 i
  local -a offers
  for ((i = 2; i < CURRENT; i++)); do
    word=\${words[i]}
    case $word in
      (${valuedOptions(model).join('|')}) ((i++)); continue ;;
      (-*) continue ;;
    esac
    if [[ -z $command ]]; then command=$word; continue; fi
    case "$command $word" in
      (${names.join('|')}) command="$command $word" ;;
      (*) ((count++)) ;;
    esac
  done
  case $prev in
${everywhere
  .filter(({ takesValue }) => takesValue)
  .map(({ name, completes }) => `    (--${name}) ${offer(completes)}; return ;;`)
  .join('\n')}
  esac
  case "$command:$prev" in
${commands.flatMap((command) => command.options.filter(({ takesValue }) => takesValue).map(({ name, completes }) => `    (${quoted(command.name)}:--${name}) ${offer(completes)}; return ;;`)).join('\n')}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case $command in
${commands.map((command) => `      (${quoted(command.name)}) offers=(${options([...command.options, ...everywhere])}) ;;`).join('\n')}
      (*) offers=(${options(everywhere)}) ;;
    esac
    _describe 'option' offers
    return
  fi
  case "$command:$count" in
    (:0) offers=(${firstWords(model)
      .map((name) => described(name, aboutOf(name)))
      .join(' ')}); _describe 'command' offers ;;
${groups
  .map(
    (group) =>
      `    (${group}:0) offers=(${secondWords(model, group)
        .map((name) => described(name, aboutOf(`${group} ${name}`)))
        .join(' ')}); _describe 'command' offers ;;`,
  )
  .join('\n')}
${commands.flatMap(({ name, positionals }) => positionals.map(({ completes, many }, at) => `    (${quoted(name)}:${many ? '*' : at}) ${completes === 'command' ? `compadd -- ${firstWords(model).join(' ')}` : offer(completes)} ;;`)).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _nokkel ]]; then _nokkel "$@"; else compdef _nokkel nokkel; fi
`
}

function offer(completes: Completes | undefined): string {
  if (completes === 'file') return '_files'
  if (completes === 'folder') return '_files -/'
  if (completes === 'item' || completes === 'device') return `_nokkel_names ${completes}`
  return typeof completes === 'object' ? `compadd -- ${completes.map(quoted).join(' ')}` : ':'
}
