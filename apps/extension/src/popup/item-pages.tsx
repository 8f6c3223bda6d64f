/** The pages of one item: looked at, edited, or new. Loaded with the first of them, with their words. */
import { createItemMessages } from '@nokkel/messages/items'
import { Icon } from '@nokkel/ui/icon'
import { ItemWords } from '@nokkel/ui/item-words'
import { useEffect, useMemo, useRef, type ReactNode, type RefObject } from 'react'
import type { Snapshot } from '../protocol.ts'
import styles from './item-pages.module.css'
import { EditItem, NewItem } from './item-edit.tsx'
import { ItemView } from './item-view.tsx'
import { useWords } from './state.tsx'
import type { Guard, ItemPage, View } from './views.ts'

export interface PageProps {
  readonly snapshot: Snapshot
  /** set while something would be lost by leaving */
  readonly guard: RefObject<Guard | null>
  readonly onShow: (view: View) => void
  /** back, by way of the guard */
  readonly onLeave: () => void
  readonly onNews: (text: string) => void
}

export function ItemPages({
  view,
  site,
  ...props
}: PageProps & {
  readonly view: ItemPage
  /** origin of the tab, for a new password; empty: none */
  readonly site: string
}): ReactNode {
  const { language } = useWords()
  const words = useMemo(() => createItemMessages(language), [language])
  return (
    <ItemWords value={words}>
      <div className={styles.page}>
        <div className={styles.inner}>
          {view.page === 'kinds' && (
            <Kinds onShow={props.onShow} title={words.t('web.edit.kind')} label={(kind) => words.t(`web.edit.new.${kind}`)} />
          )}
          {view.page === 'new' && <NewItem key={view.kind} kind={view.kind} site={site} {...props} />}
          {view.page === 'item' && <ItemView key={view.id} id={view.id} {...props} />}
          {view.page === 'edit' && <EditItem key={view.id} id={view.id} kind={view.kind} {...props} />}
        </div>
      </div>
    </ItemWords>
  )
}

/** Passkeys are made by sites, not typed. */
const addable = ['password', 'card', 'wifi', 'note'] as const

function Kinds({
  title,
  label,
  onShow,
}: {
  readonly title: string
  readonly label: (kind: (typeof addable)[number]) => string
  readonly onShow: (view: View) => void
}): ReactNode {
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => first.current?.focus(), [])
  return (
    <>
      <h1>{title}</h1>
      <ul className={styles.kinds}>
        {addable.map((kind, at) => (
          <li key={kind}>
            <button ref={at === 0 ? first : null} type="button" className={styles.kind} onClick={() => onShow({ page: 'new', kind })}>
              <Icon name={kind} />
              <span>{label(kind)}</span>
              <Icon name="next" />
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
