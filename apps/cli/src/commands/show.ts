/**
 * `nokkel show`: one item, one field of it, or a field on the clipboard. Secrets are masked unless --reveal; naming one field with
 * --field is asking for its value, so that prints it as it is.
 */
import { NokkelError, type CborValue } from '@nokkel/base'
import type { ItemView } from '@nokkel/client'
import { copyForAWhile } from '../clipboard.ts'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import { mainSecretOf } from '../items/draft-options.ts'
import { fieldLabel } from '../items/field-input.ts'
import { elementsOf, findFieldValue, itemForScripts, mask, orderFields, presentCode, valueText } from '../items/view-item.ts'
import { findItem } from '../references.ts'

export const command = defineCommand({
  positionals: [
    { name: 'ITEM', completes: 'item' },
    { name: 'FIELD', optional: true },
  ],
  options: {
    reveal: { type: 'boolean', about: 'option.reveal' },
    field: { type: 'string', value: 'FIELD', about: 'option.field-show' },
    copy: { type: 'boolean', about: 'option.copy' },
  },
  async run(context, { values, positionals }) {
    const { json, messages, out } = context
    const [reference, copied] = positionals as readonly [string, string?]
    if (copied !== undefined && !values.copy) throw usageError('too-many-arguments', { command: 'show ITEM' })
    if (copied !== undefined && values.field !== undefined) throw usageError('not-together', { option: '--field', other: 'FIELD' })
    await withKeychain(
      context,
      async (client) => {
        const { id } = await findItem(client, reference, 'any')
        const item = await client.item(id)
        if (values.copy) {
          const field = copied ?? values.field ?? mainSecretOf(item.kind) ?? 'username'
          const seconds = await copyForAWhile(context, fieldText(context, await requireField(item, field)))
          if (json) return out.json({ copied: field, clearsInSeconds: seconds })
          return out.print(messages.t('done.copied', { field: fieldLabel(context, field), seconds }))
        }
        if (values.field !== undefined) {
          const value = await requireField(item, values.field)
          if (json) return out.json({ field: values.field, value })
          return out.raw(`${fieldText(context, value)}\n`)
        }
        if (json) return out.json({ item: itemForScripts(item, values.reveal) })
        await printItem(context, item, values.reveal)
      },
      // one value is read by a script, or by somebody in a hurry
      values.field === undefined ? {} : { quiet: true },
    )
  },
})

async function requireField(item: ItemView, field: string): Promise<CborValue> {
  const value = await findFieldValue(item, field, Date.now())
  if (value === undefined) throw new NokkelError('field-unknown', { field })
  return value
}

/** Lists (sites, tags) are lines; yes and no are true and false here, because scripts read them. */
function fieldText({ messages }: Context, value: CborValue): string {
  if (typeof value === 'boolean') return String(value)
  return Array.isArray(value) ? value.map((each: CborValue) => valueText(messages, each)).join('\n') : valueText(messages, value)
}

async function printItem(context: Context, item: ItemView, reveal: boolean): Promise<void> {
  const { messages, out } = context
  const rows: (readonly [string, string])[] = [[messages.t('show.kind'), messages.label('kind', item.kind)]]
  for (const { name, value, secret } of orderFields(item)) {
    if (name === 'title' || value === '' || value === null) continue
    rows.push([
      fieldLabel(context, name),
      secret && !reveal
        ? mask
        : value instanceof Uint8Array && !secret
          ? messages.t('show.bytes', { count: value.length })
          : valueText(messages, value),
    ])
    if (name === 'totp') rows.push([messages.label('field', 'code'), await codeText(context, item, reveal)])
  }
  for (const [prefix, name] of [
    ['site', 'sites'],
    ['tag', 'tags'],
  ] as const) {
    const elements = elementsOf(item, prefix)
    if (elements.length > 0) rows.push([messages.label('field', name), elements.join('\n')])
  }
  rows.push([messages.t('show.created'), messages.dateTime(item.createdMs)])
  const by = item.fields.reduce<ItemView['fields'][number] | undefined>(
    (newest, field) => (newest === undefined || field.modifiedMs > newest.modifiedMs ? field : newest),
    undefined,
  )?.modifiedBy
  rows.push([
    messages.t('show.modified'),
    by === undefined || by === ''
      ? messages.dateTime(item.modifiedMs)
      : messages.t('show.modified-by', { time: messages.dateTime(item.modifiedMs), device: by }),
  ])
  if (item.deletedMs !== null) rows.push([messages.t('show.deleted'), messages.dateTime(item.deletedMs)])
  if (item.pending) rows.push([messages.t('show.pending'), messages.t('show.yes')])
  rows.push([messages.t('show.id'), item.id])
  out.print(out.strong(item.title))
  out.pairs(rows)
  if (item.history.length > 0) out.note(messages.t('show.history', { count: item.history.length, id: item.id.slice(0, 8) }))
}

async function codeText({ messages }: Context, item: ItemView, reveal: boolean): Promise<string> {
  if (!reveal) return mask
  try {
    const present = await presentCode(item, Date.now())
    return present === undefined ? '' : messages.t('show.code-for', { code: present.code, count: present.secondsLeft })
  } catch (error) {
    // the key is none: said in its place, the rest of the item is shown
    if (error instanceof NokkelError) return messages.errorText(error.code, error.params).message
    throw error
  }
}
