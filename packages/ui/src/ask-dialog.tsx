/** One question over the page: a sentence or a few fields, and two answers. Stays, with the reason, until what it starts has ended well. */
import type { FormEvent, ReactNode } from 'react'
import { useAction } from './action.ts'
import { Dialog } from './dialog.tsx'
import styles from './dialog.module.css'
import { Button, ErrorText, textOfForm } from './parts.tsx'
import { useScreenWords } from './words.tsx'

export function AskDialog({
  title,
  go,
  look = 'main',
  work,
  onClose,
  onDone = onClose,
  children,
}: {
  readonly title: string
  /** on the button that does it */
  readonly go: string
  readonly look?: 'main' | 'danger'
  /** `field` reads what stands in a field by its name */
  readonly work: (field: (name: string) => string) => Promise<void>
  /** it was done, or is not wanted */
  readonly onClose: () => void
  /** it was done, where that leads elsewhere */
  readonly onDone?: () => void
  readonly children: ReactNode
}): ReactNode {
  const words = useScreenWords()
  const { busy, error, run } = useAction()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    run(async () => {
      await work((name) => textOfForm(form, name))
      onDone()
    })
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        {children}
        <ErrorText>{error}</ErrorText>
        <div className={styles.answers}>
          <Button onPress={onClose}>{words.t('web.cancel')}</Button>
          <Button look={look} type="submit" busy={busy}>
            {go}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
