/** Completion for bash 4 and newer. Titles and names come from the running agent only (`nokkel __complete`). */
import type { Completes } from '../command.ts'
import { firstWords, secondWords, valuedOptions, type CompletionModel } from './model.ts'
import { quoted } from './shell-words.ts'

export function bashScript(model: CompletionModel): string {
  const { commands, groups, everywhere } = model
  const names = commands.filter(({ name }) => name.includes(' ')).map(({ name }) => quoted(name))
  return `# bash completion for nokkel. To use it: source <(nokkel completion bash)
_nokkel_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_nokkel_names() {
  local name
  while IFS= read -r name; do
    [[ $name == "$cur"* || $(printf %q "$name") == "$cur"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <("\${COMP_WORDS[0]}" __complete "$1" 2>/dev/null)
}
_nokkel() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= word count=0 i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${valuedOptions(model).join('|')}) ((i++)); continue ;;
      -*) continue ;;
    esac
    if [[ -z $command ]]; then command=$word; continue; fi
    case "$command $word" in
      ${names.join('|')}) command="$command $word" ;;
      *) ((count++)) ;;
    esac
  done
  case $prev in
${everywhere
  .filter(({ takesValue }) => takesValue)
  .map(({ name, completes }) => `    --${name}) ${offer(completes)}; return ;;`)
  .join('\n')}
  esac
  case "$command:$prev" in
${commands.flatMap((command) => command.options.filter(({ takesValue }) => takesValue).map(({ name, completes }) => `    ${quoted(command.name)}:--${name}) ${offer(completes)}; return ;;`)).join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
${commands.map(({ name, options }) => `      ${quoted(name)}) _nokkel_words ${quoted(optionWords([...options, ...everywhere]))} ;;`).join('\n')}
      *) _nokkel_words ${quoted(optionWords(everywhere))} ;;
    esac
    return
  fi
  case "$command:$count" in
    :0) _nokkel_words ${quoted(firstWords(model).join(' '))} ;;
${groups.map((group) => `    ${group}:0) _nokkel_words ${quoted(secondWords(model, group).join(' '))} ;;`).join('\n')}
${commands.flatMap(({ name, positionals }) => positionals.map(({ completes, many }, at) => `    ${quoted(name)}:${many ? '*' : at}) ${completes === 'command' ? `_nokkel_words ${quoted([...firstWords(model)].join(' '))}` : offer(completes)} ;;`)).join('\n')}
  esac
}
complete -F _nokkel nokkel
`
}

const optionWords = (options: readonly { readonly name: string }[]): string => options.map(({ name }) => `--${name}`).join(' ')

function offer(completes: Completes | undefined): string {
  if (completes === 'file') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
  if (completes === 'folder') return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -d -- "$cur")'
  if (completes === 'item' || completes === 'device') return `_nokkel_names ${completes}`
  return typeof completes === 'object' ? `_nokkel_words ${quoted(completes.join(' '))}` : ':'
}
