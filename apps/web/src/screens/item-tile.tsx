/** How an item is told apart at a glance: its letter or the icon of its kind, and the host of its site. */
import type { ReactNode } from 'react'
import { Icon } from '@nokkel/ui/icon'
import type { ItemSummary } from '../worker/protocol.ts'
import styles from './keychain.module.css'

export function Tile({ item }: { readonly item: ItemSummary }): ReactNode {
  const kinds = ['password', 'passkey', 'card', 'wifi', 'note'] as const
  const kind = kinds.find((each) => each === item.kind)
  const letter = [...item.title.trim()][0]
  return (
    <span className={styles.tile} data-kind={item.kind} aria-hidden="true">
      {(kind === 'password' || kind === undefined) && letter !== undefined ? letter.toUpperCase() : <Icon name={kind ?? 'password'} />}
    </span>
  )
}
