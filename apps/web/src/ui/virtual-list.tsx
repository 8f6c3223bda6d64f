/**
 * A list box that draws only the rows in sight and knows only the rows that it has drawn: 50,000 items cost the page no more than 50.
 * Rows are asked for window by window. A collection of React Aria builds every item first, which at that size takes seconds; the
 * keyboard and the roles of a list box (ARIA APG "Listbox", with `aria-activedescendant`) are therefore done here.
 */
import { memo, useCallback, useEffect, useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import styles from './virtual-list.module.css'

const pageRows = 60
const overscan = 6
/** until the box is measured, which is before it is seen */
const firstHeight = 1_200

interface Props<Row> {
  readonly label: string
  readonly total: number
  /** another value: other rows */
  readonly list: number
  readonly first: readonly Row[]
  readonly rowHeight: number
  readonly load: (list: number, from: number, to: number) => Promise<readonly Row[]>
  readonly keyOf: (row: Row) => string
  readonly selected: string | null
  readonly onSelect: (row: Row) => void
  readonly draw: (row: Row) => ReactNode
}

function List<Row>({ label, total, list, first, rowHeight, load, keyOf, selected, onSelect, draw }: Props<Row>): ReactNode {
  const id = useId()
  const box = useRef<HTMLDivElement>(null)
  const pages = useRef(new Map<number, readonly Row[]>())
  const shownList = useRef(list)
  const [, redraw] = useState(0)
  /** as last measured, when the box was scrolled or got another size */
  const view = useRef({ top: 0, height: firstHeight })
  const [sight, setSight] = useState({ from: 0, to: 20 })
  const [active, setActive] = useState(-1)

  if (shownList.current !== list) {
    shownList.current = list
    pages.current = new Map()
  }
  pages.current.set(0, first)

  const rowAt = useCallback((index: number): Row | undefined => pages.current.get(Math.floor(index / pageRows))?.[index % pageRows], [])

  const fetchPage = useCallback(
    async (page: number): Promise<void> => {
      try {
        const rows = await load(list, page * pageRows, (page + 1) * pageRows)
        if (shownList.current !== list) return
        pages.current.set(page, rows)
        redraw((n) => n + 1)
      } catch {
        // locked meanwhile, or the worker is another one: asked for again when it comes into sight
        pages.current.delete(page)
      }
    },
    [list, load],
  )

  // asks the page for nothing: it would have to lay out the rows just drawn, at every letter of a search
  const look = useCallback(() => {
    const { top, height } = view.current
    const from = Math.max(0, Math.min(Math.floor(top / rowHeight), total - Math.ceil(height / rowHeight)) - overscan)
    const to = Math.min(total, Math.ceil((top + height) / rowHeight) + overscan)
    setSight((before) => (before.from === from && before.to === to ? before : { from, to }))
    for (let page = Math.floor(from / pageRows); page * pageRows < to; page++) {
      if (pages.current.has(page)) continue
      pages.current.set(page, [])
      void fetchPage(page)
    }
  }, [fetchPage, rowHeight, total])

  const measure = useCallback(() => {
    if (box.current !== null) view.current = { top: box.current.scrollTop, height: box.current.clientHeight }
    look()
  }, [look])
  useLayoutEffect(look, [look])
  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    return () => observer.disconnect()
  }, [measure])

  const move = (to: number): void => {
    const index = Math.max(0, Math.min(total - 1, to))
    setActive(index)
    const element = box.current
    if (element === null) return
    const top = index * rowHeight
    if (top < element.scrollTop) element.scrollTop = top
    else if (top + rowHeight > element.scrollTop + element.clientHeight) element.scrollTop = top + rowHeight - element.clientHeight
    measure()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? rowHeight) / rowHeight) - 1)
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + page,
      PageUp: active - page,
      Home: 0,
      End: total - 1,
    }
    const to = steps[event.key]
    if (to !== undefined) {
      event.preventDefault()
      move(to)
    } else if ((event.key === 'Enter' || event.key === ' ') && active >= 0) {
      event.preventDefault()
      const row = rowAt(active)
      if (row !== undefined) onSelect(row)
    }
  }

  const rows: ReactNode[] = []
  for (let index = sight.from; index < Math.min(sight.to, total); index++) {
    const row = rowAt(index)
    const isSelected = row !== undefined && keyOf(row) === selected
    rows.push(
      <div
        key={index}
        id={`${id}-${index}`}
        role="option"
        aria-selected={isSelected}
        aria-posinset={index + 1}
        aria-setsize={total}
        className={styles.row}
        data-active={index === active || undefined}
        style={{ transform: `translateY(${index * rowHeight}px)`, height: rowHeight }}
        onClick={() => {
          setActive(index)
          if (row !== undefined) onSelect(row)
        }}
      >
        {row === undefined ? <span className={styles.waiting} aria-hidden="true" /> : draw(row)}
      </div>,
    )
  }
  return (
    <div
      ref={box}
      className={styles.box}
      role="listbox"
      aria-label={label}
      tabIndex={0}
      onScroll={measure}
      onKeyDown={onKeyDown}
      onFocus={() => active < 0 && total > 0 && setActive(sight.from === 0 ? 0 : sight.from + overscan)}
      {...(active >= sight.from && active < sight.to && active < total ? { 'aria-activedescendant': `${id}-${active}` } : {})}
    >
      <div className={styles.space} role="presentation" style={{ height: total * rowHeight }}>
        {rows}
      </div>
    </div>
  )
}

/** Drawn anew for other values only: the functions among them are to stay the same. */
export const VirtualList = memo(List) as typeof List
