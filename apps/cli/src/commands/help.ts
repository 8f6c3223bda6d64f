/** `nokkel help`: the overview, or one command. */
import { findCommand } from '../parse-line.ts'
import { defineCommand } from '../command.ts'
import { printHelpOf, printOverview } from '../help-text.ts'
import { usageError } from '../usage.ts'

export const command = defineCommand({
  positionals: [{ name: 'COMMAND', optional: true, many: true, completes: 'command' }],
  async run(context, { positionals }) {
    const found = positionals.length === 0 ? undefined : findCommand(positionals, context.globals)
    if (found === undefined) return printOverview(context)
    if (found.rest.length > 0) throw usageError('unknown-command', { command: positionals.join(' ') })
    printHelpOf(context, found.name, await found.load())
  },
})
