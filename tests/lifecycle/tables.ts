/** The table in docs of what proves each transition of SPEC LIF-1, made from the transitions, the races and the commands that are killed. */
import { races } from './races.ts'
import { transitions } from './transitions.ts'
import { typed } from './typed-commands.ts'

/** The rows of LIF-1's table, as the text has them. */
export function rowsOf(spec: string): { readonly from: string; readonly by: string; readonly to: string }[] {
  const text = spec.slice(spec.indexOf('**LIF-1**'), spec.indexOf('**LIF-2**'))
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && !line.includes('---'))
    .slice(1)
    .map((line) => {
      const [, from = '', by = '', to = ''] = line.split('|').map((cell) => cell.trim())
      return { from, by, to }
    })
}

export function lifecycleMatrix(spec: string): string {
  const line = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  const list = (all: readonly { readonly title: string }[]): string => all.map(({ title }) => title).join('; ')
  const rows = rowsOf(spec).map(({ from, by, to }) =>
    line(
      `${from} → ${by} → ${to}`,
      list(transitions.filter(({ row }) => row !== null && by.startsWith(row))),
      list(typed.filter((each) => each.rows.some((row) => by.startsWith(row)))),
    ),
  )
  const others = line(
    'changes no state',
    list(transitions.filter(({ row }) => row === null)),
    list(typed.filter((each) => each.rows.length === 0)),
  )
  return `# The life of a device, transition by transition

Made by \`tests/lifecycle/tables.ts\`, and compared with it by a test. Each transition is carried out with a fault at every request (refused, its answer lost)
and a death after every commit and every request that changed something (\`crash-safety.test.ts\`); the real program is killed by SIGKILL and typed
again (\`kills.test.ts\`). Afterwards it is where it was or where it was going, and doing it again ends there.

${[line('transition (SPEC LIF-1)', 'cut off everywhere', 'killed by SIGKILL'), line('---', '---', '---'), ...rows, others].join('\n')}

Two devices at once (\`races.test.ts\`): the second does all of its own before each request of the first that changes something.

${[line('what meets', 'states of the two afterwards'), line('---', '---'), ...races.map(({ title, ends }) => line(title, ends.join(', ')))].join('\n')}
`
}
