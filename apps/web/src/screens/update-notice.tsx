/** A newer release is whole and waits: said at the foot of every screen, locked or not, until a person takes it. */
import type { ReactNode } from 'react'
import { applyUpdate, useAppUpdate } from '../app/app-update.ts'
import { useWords } from '../app/state.tsx'
import { Icon } from '@nokkel/ui/icon'
import { Button } from '@nokkel/ui/parts'
import styles from './gate.module.css'

export function UpdateNotice(): ReactNode {
  const words = useWords()
  if (useAppUpdate() !== 'ready') return null
  return (
    <aside className={styles.update} aria-label={words.t('web.update.ready')}>
      <Icon name="import" />
      <p>
        <strong>{words.t('web.update.ready')}</strong> {words.t('web.update.ready-text')}
      </p>
      <Button look="main" onPress={applyUpdate}>
        {words.t('web.update.use')}
      </Button>
    </aside>
  )
}
