/**
 * An import's report as the page shows it: remarks of one kind together, with the first of their rows. A file of ten thousand rows may have as
 * many remarks, and neither sending nor drawing them all is worth the time that the page would stand still.
 */
import type { ImportReport } from '@nokkel/client'

const rowsNamed = 5
const kindsMost = 40

export interface Remark {
  readonly code: string
  readonly params: Readonly<Record<string, string | number>>
  readonly count: number
  /** the first few, with what they call themselves where that is known; 0 stands for the whole file */
  readonly rows: readonly { readonly row: number; readonly title?: string }[]
}

export interface Remarks {
  readonly count: number
  readonly shown: readonly Remark[]
  /** remarks of kinds that are not shown */
  readonly more: number
}

export interface ImportSummary extends Pick<ImportReport, 'format' | 'rows' | 'added' | 'alreadyThere' | 'titles'> {
  readonly rejected: Remarks
  readonly notes: Remarks
}

type Raw = { readonly row: number; readonly title?: string; readonly code: string; readonly params: Remark['params'] }

export function summariseImport({ format, rows, added, alreadyThere, titles, rejected, notes }: ImportReport): ImportSummary {
  return {
    format,
    rows,
    added,
    alreadyThere,
    titles,
    rejected: gather(rejected.map(({ reason, ...rest }) => ({ ...rest, code: reason }))),
    notes: gather(notes),
  }
}

function gather(all: readonly Raw[]): Remarks {
  const kinds = Map.groupBy(all, ({ code, params }) => `${code} ${JSON.stringify(params)}`)
  const shown = [...kinds.values()].slice(0, kindsMost).flatMap((group): Remark[] => {
    const [first] = group
    if (first === undefined) return []
    return [
      {
        code: first.code,
        params: first.params,
        count: group.length,
        rows: group.slice(0, rowsNamed).map(({ row, title }) => (title === undefined ? { row } : { row, title })),
      },
    ]
  })
  return { count: all.length, shown, more: all.length - shown.reduce((sum, { count }) => sum + count, 0) }
}
