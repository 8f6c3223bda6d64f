/** `nokkel list`: items by kind and by words, those recently deleted, and those that may be duplicates (C1, B2, B5). */
import { isItemKind, itemKinds } from '@nokkel/keychain'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { usageError } from '../usage.ts'
import { printItems } from '../items/item-rows.ts'

export const command = defineCommand({
  positionals: [{ name: 'QUERY', optional: true, many: true }],
  options: {
    kind: { type: 'string', value: 'KIND', about: 'option.kind', completes: itemKinds },
    deleted: { type: 'boolean', about: 'option.deleted' },
    duplicates: { type: 'boolean', about: 'option.duplicates' },
    limit: { type: 'string', value: 'NUMBER', about: 'option.limit' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out } = context
    const { kind, limit, deleted } = values
    if (kind !== undefined && !isItemKind(kind))
      throw usageError('invalid-value', { option: '--kind', expected: messages.t('expected.kind', { choices: itemKinds.join(', ') }) })
    if (limit !== undefined && !/^[1-9]\d{0,6}$/.test(limit))
      throw usageError('invalid-value', { option: '--limit', expected: messages.t('expected.number') })
    const text = positionals.join(' ')
    await withKeychain(context, async (client) => {
      if (values.duplicates) {
        const groups = await client.duplicates()
        if (json) return out.json({ groups })
        if (groups.length === 0) out.note(messages.t('list.duplicates-none'))
        for (const group of groups) {
          out.note(messages.t('list.duplicate-group'))
          printItems(context, group, false)
        }
        return
      }
      const items = await client.items({
        text,
        deleted,
        ...(kind !== undefined && { kind }),
        ...(limit !== undefined && { limit: Number.parseInt(limit, 10) }),
      })
      if (json) return out.json({ items })
      if (items.length === 0) return out.note(messages.t(text === '' ? 'list.none' : 'list.nothing-found'))
      printItems(context, items, deleted)
      if (out.toTerminal) out.note(messages.t('list.count', { count: items.length }))
    })
  },
})
