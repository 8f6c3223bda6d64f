/** `nokkel history`: earlier values of an item and those that lost a conflict, and putting one back (B2, B5). */
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import { fieldLabel } from '../items/field-input.ts'
import { itemForScripts, mask, valueText } from '../items/view-item.ts'
import type { ItemView } from '@nokkel/client'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'ITEM', completes: 'item' }],
  options: {
    reveal: { type: 'boolean', about: 'option.reveal' },
    restore: { type: 'string', value: 'NUMBER', about: 'option.restore' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out } = context
    const { restore } = values
    if (restore !== undefined && !/^\d{1,4}$/.test(restore))
      throw usageError('invalid-value', { option: '--restore', expected: messages.t('expected.number') })
    await withKeychain(context, async (client) => {
      const { id } = await findItem(client, positionals[0] as string, 'any')
      const item = await client.item(id)
      if (restore !== undefined) {
        const index = Number.parseInt(restore, 10)
        const field = item.history.find((entry) => entry.index === index)?.field ?? ''
        await client.restoreHistory(id, index)
        if (json) return out.json({ id, restored: index, field })
        return out.print(messages.t('done.history-restored', { field: fieldLabel(context, field) }))
      }
      if (json) return out.json({ history: (itemForScripts(item, values.reveal) as ItemView).history })
      if (item.history.length === 0) return out.note(messages.t('history.none'))
      printHistory(context, item, values.reveal)
    })
  },
})

function printHistory(context: Context, item: ItemView, reveal: boolean): void {
  const { messages, out } = context
  const headings = [
    messages.t('history.number'),
    messages.t('history.field'),
    messages.t('history.value'),
    messages.t('history.time'),
    messages.t('history.by'),
    messages.t('history.reason'),
  ]
  const rows = item.history.map(({ index, field, value, secret, timeMs, by, reason }) => [
    String(index),
    fieldLabel(context, field),
    secret && !reveal ? mask : valueText(messages, value),
    messages.dateTime(timeMs),
    by,
    messages.label('reason', reason),
  ])
  out.table(headings, rows)
}
