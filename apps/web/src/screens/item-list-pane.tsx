/** The list and the search above it. Of its own, so that a letter typed draws the rows anew and nothing else. */
import { useCallback, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import type { ItemKind } from '@nokkel/keychain'
import { useAnswer } from '@nokkel/ui/action'
import { go, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, cx, Empty, IconButton } from '@nokkel/ui/parts'
import { VirtualList } from '../ui/virtual-list.tsx'
import type { Category, ItemSummary } from '../worker/protocol.ts'
import { CodeRow, HiddenCodes } from './code-row.tsx'
import { hostOf } from '@nokkel/ui/item-fields'
import { Tile } from './item-tile.tsx'
import { iconOf } from './places.ts'
import { AddMenu, CategoryMenu } from './keychain-menus.tsx'
import styles from './keychain.module.css'

const rowHeight = 60
const loadRows = (list: number, from: number, to: number): Promise<readonly ItemSummary[]> => call('rows', list, from, to)
const keyOf = (item: ItemSummary): string => item.id
const drawRow = (row: ItemSummary): ReactNode => <Row row={row} />
const drawCode = (row: ItemSummary): ReactNode => <CodeRow row={row} />

interface Props {
  readonly category: Category
  /** another value: the items have changed */
  readonly version: number
  readonly item: string | null
  readonly counts: Readonly<Record<string, number>> | null
  readonly addButton: RefObject<HTMLButtonElement | null>
  /** null: nothing can be added here */
  readonly onAdd: ((kind: ItemKind) => void) | null
}

export function ItemListPane({ category, version, item, counts, addButton, onAdd }: Props): ReactNode {
  const words = useWords()
  const [text, setText] = useState('')
  const search = useRef<HTMLInputElement>(null)
  const { value: found } = useAnswer(() => call('find', category, text), [category, text, version])
  const select = useCallback((row: ItemSummary) => go('items', category, row.id), [category])

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (
        (event.key === 'f' && (event.ctrlKey || event.metaKey)) ||
        (event.key === '/' && !(event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement))
      ) {
        event.preventDefault()
        search.current?.focus()
        search.current?.select()
      }
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])

  const clear = (): void => {
    if (search.current !== null) search.current.value = ''
    setText('')
    search.current?.focus()
  }

  return (
    <section className={styles.listPane} aria-label={words.t('web.list')}>
      <header className={styles.head}>
        <div className={styles.titleRow}>
          <h1 className={styles.wideTitle}>{words.t(`web.category.${category}`)}</h1>
          <CategoryMenu place={category} counts={counts} />
          {onAdd !== null && <AddMenu button={addButton} onAdd={onAdd} />}
        </div>
        <div className={styles.search} role="search">
          <Icon name="search" />
          <input
            ref={search}
            type="text"
            inputMode="search"
            enterKeyHint="search"
            aria-label={words.t('web.search')}
            placeholder={words.t('web.search')}
            autoComplete="off"
            spellCheck={false}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => event.key === 'Escape' && clear()}
          />
          {text !== '' && <IconButton label={words.t('web.search.clear')} icon="close" onPress={clear} />}
        </div>
        <p className={styles.total} role="status">
          {found !== null && found.total > 0 && words.t('web.list.count', { count: found.total })}
        </p>
      </header>
      {category === 'code' && <HiddenCodes />}
      {found !== null && found.total > 0 && (
        <VirtualList
          label={words.t('web.list')}
          total={found.total}
          list={found.list}
          first={found.first}
          rowHeight={rowHeight}
          load={loadRows}
          keyOf={keyOf}
          selected={item}
          onSelect={select}
          draw={category === 'code' ? drawCode : drawRow}
        />
      )}
      {found !== null && found.total === 0 && <NoItems category={category} searching={text.trim() !== ''} onAdd={onAdd} />}
    </section>
  )
}

function NoItems({
  category,
  searching,
  onAdd,
}: {
  readonly category: Category
  readonly searching: boolean
  readonly onAdd: Props['onAdd']
}): ReactNode {
  const words = useWords()
  if (searching) return <Empty icon="search" title={words.t('web.list.nothing-found')} text={words.t('web.list.nothing-found-text')} />
  if (category === 'deleted') return <Empty icon="deleted" title={words.t('web.list.empty.deleted')} />
  if (category !== 'all') return <Empty icon={iconOf(category)} title={words.t('web.list.empty.kind')} />
  return (
    <Empty icon="password" title={words.t('web.list.empty.all')} text={words.t('web.list.empty.all-text')}>
      {onAdd !== null && (
        <>
          <Button look="main" icon="plus" onPress={() => onAdd('password')}>
            {words.t('web.edit.new.password')}
          </Button>
          <Button icon="import" onPress={() => go('import')}>
            {words.t('web.import')}
          </Button>
        </>
      )}
    </Empty>
  )
}

function Row({ row }: { readonly row: ItemSummary }): ReactNode {
  const words = useWords()
  const [site = ''] = row.sites
  const second = row.username !== '' ? row.username : hostOf(site)
  return (
    <span className={styles.row}>
      <Tile item={row} />
      <span className={styles.rowText}>
        <span className={styles.rowTitle}>{row.title === '' ? words.t('web.item.untitled') : row.title}</span>
        <span className={cx(styles.rowSecond, second === '' && styles.rowKind)}>
          {second === '' ? words.label('kind', row.kind) : second}
        </span>
      </span>
      {row.pending && <span className={styles.pending}>{words.t('web.list.pending')}</span>}
      {row.favorite && <Icon name="star" />}
    </span>
  )
}
