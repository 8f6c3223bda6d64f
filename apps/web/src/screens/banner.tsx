/** One bar above the page: something that is true now, or that happened, and the one thing to do about it. */
import { useState, type ReactNode } from 'react'
import { useWords } from '../app/state.tsx'
import { Icon, type IconName } from '@nokkel/ui/icon'
import { Button } from '@nokkel/ui/parts'
import styles from './shell.module.css'

export function Banner({
  icon,
  tone,
  children,
  action,
  long = false,
}: {
  readonly icon: IconName
  readonly tone: 'calm' | 'ask' | 'alarm'
  readonly children: ReactNode
  readonly action?: ReactNode
  /** on a telephone it would take the page's place: a few lines, and all of it when asked for */
  readonly long?: boolean
}): ReactNode {
  const words = useWords()
  const [open, setOpen] = useState(false)
  return (
    <div className={styles.banner} data-tone={tone} data-clamped={(long && !open) || undefined}>
      <Icon name={icon} />
      <p>{children}</p>
      <span className={styles.bannerActions}>
        {long && !open && (
          <span className={styles.bannerMore}>
            <Button look="quiet" onPress={() => setOpen(true)}>
              {words.t('web.more')}
            </Button>
          </span>
        )}
        {action}
      </span>
    </div>
  )
}
