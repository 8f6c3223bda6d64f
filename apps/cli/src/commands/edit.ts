/** `nokkel edit`: changes fields of an item; what is replaced goes to its history where the field keeps one. */
import type { CborValue } from '@nokkel/base'
import type { ItemView } from '@nokkel/client'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import { askMainSecret, checkDraft, draftOptions, readDraft } from '../items/draft-options.ts'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [{ name: 'ITEM', completes: 'item' }],
  options: {
    ...draftOptions,
    'remove-site': { type: 'string', value: 'URL', multiple: true, about: 'option.remove-site' },
    'remove-tag': { type: 'string', value: 'TEXT', multiple: true, about: 'option.remove-tag' },
    'remove-field': { type: 'string', value: 'NAME', multiple: true, about: 'option.remove-field' },
    'no-favorite': { type: 'boolean', about: 'option.no-favorite' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out } = context
    if (values.favorite && values['no-favorite']) throw usageError('not-together', { option: '--favorite', other: '--no-favorite' })
    await withKeychain(context, async (client) => {
      const item = await client.item((await findItem(client, positionals[0] as string)).id)
      const set = await readDraft(item.kind, checkDraft(item.kind, values, context), context)
      if (values['no-favorite']) set.set('favorite', false)
      const remove = [
        ...values['remove-site'].map((site) => `site:${site}`),
        ...values['remove-tag'].map((tag) => `tag:${tag}`),
        ...values['remove-field'].map((name) => fieldOf(item, name, context)),
      ]
      if (set.size === 0 && remove.length === 0) await askMainSecret(item.kind, set, context, 'edit')
      if (set.size === 0 && remove.length === 0) throw usageError('nothing-to-change')
      await client.editItem(item.id, { set, remove })
      const changed = (await client.item(item.id)).modifiedMs !== item.modifiedMs
      if (json) return out.json({ id: item.id, changed })
      out.print(messages.t(changed ? 'done.edited' : 'done.unchanged', { title: titleOf(item, set) }))
    })
  },
})

/** A custom field may be named by its label alone. */
function fieldOf(item: ItemView, name: string, context: Context): string {
  const field = item.fields.find((each) => each.name === name) ?? item.fields.find((each) => each.name === `custom:${name}`)
  return field?.name ?? context.usage('nothing-to-change')
}

function titleOf(item: ItemView, set: ReadonlyMap<string, CborValue>): string {
  const title = set.get('title')
  return typeof title === 'string' ? title : item.title
}
