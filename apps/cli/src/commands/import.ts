/** `nokkel import`: what people have in other programs. Every row is added, already there, or listed with its reason. */
import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import type { ImportReport } from '@nokkel/client'
import { importFormats, importLimits } from '@nokkel/transfer'
import { defineCommand } from '../command.ts'
import { withKeychain, withProgress } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'

/** Rows named behind a note that concerns many. */
const rowsShown = 5

export const command = defineCommand({
  positionals: [{ name: 'FILE', completes: 'file' }],
  options: {
    format: { type: 'string', value: 'FORMAT', about: 'option.format', completes: importFormats },
    'dry-run': { type: 'boolean', about: 'option.dry-run' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out, prompt } = context
    const { format } = values
    if (format !== undefined && !(importFormats as readonly string[]).includes(format))
      throw usageError('invalid-value', {
        option: '--format',
        expected: messages.t('expected.kind', { choices: importFormats.join(', ') }),
      })
    const path = positionals[0] as string
    const bytes = path === '-' ? await prompt.readAll(importLimits.fileBytes) : new Uint8Array(readFileSync(path))
    await withKeychain(context, async (client) => {
      const report = await withProgress(context, (options) =>
        client.importFile(
          { name: basename(path), bytes },
          { ...options, dryRun: values['dry-run'], ...(format !== undefined && { format }) },
        ),
      )
      if (json) return out.json(report)
      printReport(context, report, values['dry-run'])
      if (!values['dry-run'] && path !== '-') out.note(messages.t('import.delete-file'))
    })
  },
})

function printReport({ messages, out }: Context, report: ImportReport, dryRun: boolean): void {
  out.print(messages.t('import.format', { format: messages.importText(report.format) }))
  out.print(messages.t(dryRun ? 'import.would-add' : 'import.added', { count: report.added }))
  if (report.alreadyThere > 0) out.print(messages.t('import.already-there', { count: report.alreadyThere }))
  if (report.rejected.length > 0) {
    out.print(messages.t('import.rejected', { count: report.rejected.length }))
    for (const { row, reason, params } of report.rejected)
      out.print(`  ${messages.t('import.row', { row, text: messages.importText(reason, params) })}`)
  }
  if (report.notes.length > 0) out.print(messages.t('import.notes'))
  // the same note about thousands of rows is one line
  const rowsByText = new Map<string, number[]>()
  for (const { row, code, params } of report.notes) {
    const text = messages.importText(code, params)
    rowsByText.set(text, [...(rowsByText.get(text) ?? []), row])
  }
  for (const [text, rows] of rowsByText) {
    const shown = rows.slice(0, rowsShown).join(', ')
    if (rows.every((row) => row === 0)) out.print(`  ${messages.t('import.file', { text })}`)
    else
      out.print(
        `  ${messages.t('import.rows', { text, count: rows.length, rows: rows.length > rowsShown ? messages.t('import.and-more', { rows: shown }) : shown })}`,
      )
  }
}
