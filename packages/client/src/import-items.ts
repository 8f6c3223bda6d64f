/** Taking over what people have (issue: import): every row is added, already there, or listed with its reason. */
import { toHex, type ItemId } from '@nokkel/base'
import { createItem } from '@nokkel/keychain'
import { contentKeyOf, type LocalKeychain } from '@nokkel/sync'
import { importFormats, parseImport, type ImportFile, type ImportFormat } from '@nokkel/transfer'
import { newId, NokkelError } from '@nokkel/base'
import type { CallOptions, ImportReport } from './facade.ts'

/** one transaction of the store */
const chunkItems = 4_000
const titlesNamed = 5

export async function importItems(
  keychain: LocalKeychain,
  file: ImportFile,
  options: CallOptions & { readonly format?: string; readonly dryRun?: boolean },
): Promise<ImportReport> {
  if (options.format !== undefined && !(importFormats as readonly string[]).includes(options.format))
    throw new NokkelError('format-unknown', { format: options.format })
  const parsed = parseImport(file, options.format as ImportFormat | undefined)
  const present = new Set<string>()
  for (const { summary } of keychain.index.values()) if (summary !== null && summary.removal === 'none') present.add(toHex(summary.content))
  const fresh: (typeof parsed.items)[number][] = []
  let alreadyThere = 0
  for (const item of parsed.items) {
    const key = toHex(contentKeyOf(item.draft.kind, item.draft.fields))
    if (present.has(key)) alreadyThere++
    else {
      present.add(key)
      fresh.push(item)
    }
  }
  const rejected = parsed.rejected.map(({ row, title, reason, params }) => ({
    row,
    ...(title === undefined ? {} : { title }),
    reason: reason as string,
    params: { ...params } as Record<string, string | number>,
  }))
  let added = 0
  if (options.dryRun !== true) {
    for (let at = 0; at < fresh.length; at += chunkItems) {
      const chunk = fresh.slice(at, at + chunkItems)
      if (options.signal?.aborted === true) throw new NokkelError('cancelled')
      await keychain.update((staged) => {
        for (const { draft } of chunk) staged.putLocal(newId<ItemId>(keychain.random), createItem(draft, staged.stamp), undefined)
      })
      added += chunk.length
      options.onProgress?.({ phase: 'importing', done: added, total: fresh.length })
    }
  } else added = fresh.length
  return {
    format: parsed.format,
    rows: parsed.rows,
    added,
    alreadyThere,
    titles: fresh.slice(0, titlesNamed).map(({ draft }) => String(draft.fields.get('title') ?? '')),
    rejected,
    notes: [
      ...parsed.fileNotes.map((note) => ({ row: 0, ...note })),
      ...parsed.items.flatMap(({ row, notes }) => notes.map((note) => ({ row, ...note }))),
    ].map(({ row, code, params }) => ({ row, code, params: { ...params } as Record<string, string | number> })),
  }
}
