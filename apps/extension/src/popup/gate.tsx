/** What stands before the keychain: a title, a sentence, and what is to be done. */
import { Mark } from '@nokkel/ui/icon'
import type { ReactNode } from 'react'
import styles from './popup.module.css'

export function Gate({
  title,
  text,
  children,
}: {
  readonly title: string
  readonly text?: string
  readonly children: ReactNode
}): ReactNode {
  return (
    <main className={styles.gate}>
      <Mark />
      <h1>{title}</h1>
      {text !== undefined && <p className={styles.lead}>{text}</p>}
      {children}
    </main>
  )
}
