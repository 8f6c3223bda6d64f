/** The keychain itself: the list, and the chosen item beside it (desktop) or over it (phone). */
import { useRef, useState, type ReactNode } from 'react'
import type { ItemKind } from '@nokkel/keychain'
import { go, useWords } from '../app/state.tsx'
import { Empty } from '@nokkel/ui/parts'
import type { Category, Snapshot } from '../worker/protocol.ts'
import { EditItem } from './edit-item.tsx'
import { ItemDetail } from './item-detail.tsx'
import { ItemListPane } from './item-list-pane.tsx'
import styles from './keychain.module.css'

interface Props {
  readonly snapshot: Snapshot
  readonly category: Category
  readonly item: string | null
  readonly counts: Readonly<Record<string, number>> | null
}

export function Keychain({ snapshot, category, item, counts }: Props): ReactNode {
  const words = useWords()
  const [adding, setAdding] = useState<ItemKind | null>(null)
  const addButton = useRef<HTMLButtonElement>(null)
  const writable = snapshot.state === 'trusted'
  return (
    <div className={styles.keychain} data-open={item !== null || undefined}>
      <ItemListPane
        category={category}
        version={snapshot.version}
        item={item}
        counts={counts}
        addButton={addButton}
        onAdd={writable && category !== 'deleted' ? setAdding : null}
      />
      <section className={styles.detailPane} aria-label={words.t('web.app')}>
        {item === null ? (
          // nothing to choose from: the list says so
          counts !== null && counts[category] !== 0 && <Empty icon="password" title={words.t('web.list.choose')} />
        ) : (
          <ItemDetail key={item} id={item} version={snapshot.version} writable={writable} onBack={() => go('items', category)} />
        )}
      </section>
      {adding !== null && (
        <EditItem
          kind={adding}
          opener={addButton}
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
