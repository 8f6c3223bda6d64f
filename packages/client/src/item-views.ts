/** Items as apps see them: summaries for lists, views for one item; secrets are marked, never decided about, here. */
import type { CborValue } from '@nokkel/base'
import { isSecretField, type Item, type Summary } from '@nokkel/keychain'
import type { IndexEntry } from '@nokkel/sync'
import type { FieldView, HistoryView, ItemSummary, ItemView } from './facade.ts'

/** Kinds that the keychain keeps about itself and no list shows. */
export const systemKinds: ReadonlySet<string> = new Set(['device', 'settings'])

export function isVisible(entry: IndexEntry): entry is IndexEntry & { readonly summary: Summary } {
  return entry.summary !== null && entry.summary.removal !== 'purged' && !systemKinds.has(entry.summary.kind)
}

export function summaryView(entry: IndexEntry & { readonly summary: Summary }): ItemSummary {
  const { summary } = entry
  return {
    id: summary.id,
    kind: summary.kind,
    title: summary.title,
    username: summary.username,
    sites: summary.sites,
    createdMs: summary.createdMs,
    modifiedMs: summary.modifiedMs,
    deletedMs: summary.removal === 'deleted' ? summary.removedMs : null,
    favorite: summary.favorite,
    hasTotp: summary.hasTotp,
    pending: entry.dirty,
  }
}

/** `writerOf` names a device by the first eight bytes of its id, which is all that a time stamp carries. */
export function itemView(entry: IndexEntry & { readonly summary: Summary }, item: Item, writerOf: (dev: string) => string): ItemView {
  const fields = [...item.fields]
    .filter(([, register]) => register.value !== null && register.value !== false)
    .map(([name, register]): FieldView => ({
      name,
      value: register.value,
      secret: isSecretField(item.kind, name, register.value),
      modifiedMs: register.hlc.ms,
      modifiedBy: writerOf(register.hlc.dev),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { ...summaryView(entry), fields, history: historyViews(item, writerOf) }
}

function historyViews(item: Item, writerOf: (dev: string) => string): HistoryView[] {
  return item.history.map((entry, index) => ({
    index,
    field: entry.field,
    value: entry.value,
    secret: isSecretField(item.kind, entry.field, entry.value),
    timeMs: entry.hlc.ms,
    by: writerOf(entry.hlc.dev),
    reason: entry.reason,
  }))
}

/** `null` empties a field; set elements are switched off, because their absence could not win over another device's presence. */
export function removalValue(name: string): CborValue {
  return name.startsWith('site:') || name.startsWith('tag:') ? false : null
}
