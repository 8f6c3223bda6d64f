/** A verification code in the list, running; and what stands above the list while they are hidden (C1). */
import type { ReactNode } from 'react'
import { showCodes, useCode, useCodesHidden } from '../app/codes.ts'
import { useWords } from '../app/state.tsx'
import { Icon } from '@nokkel/ui/icon'
import { Countdown } from '@nokkel/ui/item-fields'
import { Button, cx } from '@nokkel/ui/parts'
import type { ItemSummary } from '../worker/protocol.ts'
import { Tile } from './item-tile.tsx'
import styles from './keychain.module.css'

export function CodeRow({ row }: { readonly row: ItemSummary }): ReactNode {
  const words = useWords()
  const { code, leftMs, bad } = useCode(row.id)
  const seconds = Math.ceil(leftMs / 1_000)
  return (
    <span className={styles.row}>
      <Tile item={row} />
      <span className={styles.rowText}>
        <span className={styles.rowTitle}>{row.title === '' ? words.t('web.item.untitled') : row.title}</span>
        <span className={styles.rowSecond}>{row.username}</span>
      </span>
      {bad ? (
        <Icon name="warning" />
      ) : (
        <span className={styles.rowCode}>
          <span className={styles.digits} data-soon={(code !== null && seconds <= 5) || undefined}>
            {code === null ? '••• •••' : code.code.replace(/(.{3})(?=.{3})/, '$1 ')}
          </span>
          <Countdown part={code === null ? 0 : leftMs / code.periodMs} />
          <span className={cx(styles.rowLeft)}>{code === null ? '' : words.t('web.item.code-left', { count: seconds })}</span>
        </span>
      )}
    </span>
  )
}

export function HiddenCodes(): ReactNode {
  const words = useWords()
  if (!useCodesHidden()) return null
  return (
    <div className={styles.hiddenCodes}>
      <p>{words.t('web.codes.hidden')}</p>
      <Button onPress={() => void showCodes().catch(() => undefined)}>{words.t('web.codes.show')}</Button>
    </div>
  )
}
