/** The keychain itself: search, the list, and the chosen item beside it (desktop) or over it (phone). */
import { useCallback, useEffect, useRef, useState, type ReactNode } from 'react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Menu, MenuItem, MenuTrigger } from 'react-aria-components/Menu'
import { Popover } from 'react-aria-components/Popover'
import type { ItemKind } from '@nokkel/keychain'
import { go, useAnswer, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon } from '../ui/icon.tsx'
import { Button, cx, Empty, IconButton } from '../ui/parts.tsx'
import { VirtualList } from '../ui/virtual-list.tsx'
import type { Category, ItemSummary, Snapshot } from '../worker/protocol.ts'
import { EditItem } from './edit-item.tsx'
import { ItemDetail } from './item-detail.tsx'
import { CodeRow, HiddenCodes } from './code-row.tsx'
import { hostOf, Tile } from './item-tile.tsx'
import { iconOf, places } from './places.ts'
import styles from './keychain.module.css'

const rowHeight = 60
/** Passkeys are made by sites, not typed. */
const addable = ['password', 'card', 'wifi', 'note'] as const
const loadRows = (list: number, from: number, to: number): Promise<readonly ItemSummary[]> => call('rows', list, from, to)
const keyOf = (item: ItemSummary): string => item.id

interface Props {
  readonly snapshot: Snapshot
  readonly category: Category
  readonly item: string | null
  readonly counts: Readonly<Record<string, number>> | null
}

export function Keychain({ snapshot, category, item, counts }: Props): ReactNode {
  const words = useWords()
  const [text, setText] = useState('')
  const [adding, setAdding] = useState<ItemKind | null>(null)
  const search = useRef<HTMLInputElement>(null)
  const { value: found } = useAnswer(() => call('find', category, text), [category, text, snapshot.version])
  const writable = snapshot.state === 'trusted'
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
    <div className={styles.keychain} data-open={item !== null || undefined}>
      <section className={styles.listPane} aria-label={words.t('web.list')}>
        <header className={styles.head}>
          <div className={styles.titleRow}>
            <h1 className={styles.wideTitle}>{words.t(`web.category.${category}`)}</h1>
            <MenuTrigger>
              <AriaButton className={cx(styles.categoryButton)}>
                <span>{words.t(`web.category.${category}`)}</span>
                <Icon name="down" />
              </AriaButton>
              <Popover className={cx(styles.popover)} placement="bottom start">
                <Menu
                  className={cx(styles.menu)}
                  aria-label={words.t('web.categories')}
                  onAction={(key) => (key === 'security' ? go('security') : go('items', String(key)))}
                >
                  {places.map((each) => (
                    <MenuItem key={each} id={each} className={cx(styles.menuItem)} textValue={words.t(`web.category.${each}`)}>
                      <Icon name={iconOf(each)} />
                      <span>{words.t(`web.category.${each}`)}</span>
                      <span className={styles.menuCount}>
                        {counts === null || each === 'security' ? '' : words.number(counts[each] ?? 0)}
                      </span>
                    </MenuItem>
                  ))}
                </Menu>
              </Popover>
            </MenuTrigger>
            {writable && category !== 'deleted' && (
              <MenuTrigger>
                <AriaButton className={cx(styles.add)}>
                  <Icon name="plus" />
                  <span>{words.t('web.add')}</span>
                </AriaButton>
                <Popover className={cx(styles.popover)} placement="bottom end">
                  <Menu
                    className={cx(styles.menu)}
                    aria-label={words.t('web.edit.kind')}
                    onAction={(key) => (key === 'import' ? go('import') : setAdding(key as ItemKind))}
                  >
                    {addable.map((kind) => (
                      <MenuItem key={kind} id={kind} className={cx(styles.menuItem)} textValue={words.t(`web.edit.new.${kind}`)}>
                        <Icon name={kind} />
                        <span>{words.t(`web.edit.new.${kind}`)}</span>
                      </MenuItem>
                    ))}
                    <MenuItem id="import" className={cx(styles.menuItem)} textValue={words.t('web.import')}>
                      <Icon name="import" />
                      <span>{words.t('web.import')} …</span>
                    </MenuItem>
                  </Menu>
                </Popover>
              </MenuTrigger>
            )}
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
            draw={(row) => (category === 'code' ? <CodeRow row={row} /> : <Row row={row} />)}
          />
        )}
        {found !== null && found.total === 0 && (
          <NoItems category={category} searching={text.trim() !== ''} writable={writable} onAdd={() => setAdding('password')} />
        )}
      </section>
      <section className={styles.detailPane} aria-label={words.t('web.app')}>
        {item === null ? (
          <Empty icon="password" title={words.t('web.list.choose')} />
        ) : (
          <ItemDetail key={item} id={item} version={snapshot.version} writable={writable} onBack={() => go('items', category)} />
        )}
      </section>
      {adding !== null && (
        <EditItem
          kind={adding}
          onClose={() => setAdding(null)}
          onSaved={(id) => {
            setAdding(null)
            go('items', category === adding ? category : 'all', id)
          }}
        />
      )}
    </div>
  )
}

function NoItems({
  category,
  searching,
  writable,
  onAdd,
}: {
  readonly category: Category
  readonly searching: boolean
  readonly writable: boolean
  readonly onAdd: () => void
}): ReactNode {
  const words = useWords()
  if (searching) return <Empty icon="search" title={words.t('web.list.nothing-found')} text={words.t('web.list.nothing-found-text')} />
  if (category === 'deleted') return <Empty icon="deleted" title={words.t('web.list.empty.deleted')} />
  if (category !== 'all') return <Empty icon={category} title={words.t('web.list.empty.kind')} />
  return (
    <Empty icon="password" title={words.t('web.list.empty.all')} text={words.t('web.list.empty.all-text')}>
      {writable && (
        <>
          <Button look="main" icon="plus" onPress={onAdd}>
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
