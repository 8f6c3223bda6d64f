/** Summaries as rows of a table. */
import type { ItemSummary } from '@nokkel/client'
import type { Context } from '../context.ts'

/** Enough digits to be told apart in most keychains, and accepted wherever an item is named. */
export const shortIdLength = 8

export function printItems({ out, messages }: Context, items: readonly ItemSummary[], deleted: boolean): void {
  const headings = [
    messages.t('list.title'),
    messages.t('list.username'),
    messages.t('list.site'),
    messages.t('list.kind'),
    ...(deleted ? [messages.t('list.deleted')] : []),
    messages.t('list.id'),
  ]
  const rows = items.map((item) => [
    `${item.favorite ? '★ ' : ''}${item.title}${item.pending ? ` (${messages.t('list.pending')})` : ''}`,
    item.username,
    hostOf(item.sites),
    messages.label('kind', item.kind),
    ...(deleted ? [item.deletedMs === null ? '' : messages.dateTime(item.deletedMs)] : []),
    item.id.slice(0, shortIdLength),
  ])
  out.table(headings, rows)
}

/** The first site as people know it, and how many more there are. */
function hostOf(sites: readonly string[]): string {
  const [first = ''] = sites
  const host = URL.canParse(first) ? new URL(first).host || first : first
  return sites.length > 1 ? `${host} +${sites.length - 1}` : host
}
