/** Is it you (C1)? By the passcode always, and by what else the app gives. What is typed goes to whoever checks it and nowhere else. */
import { useEffect, useRef, type FormEvent, type ReactNode } from 'react'
import { useAction, type Action } from './action.ts'
import { Dialog } from './dialog.tsx'
import styles from './dialog.module.css'
import { Button, ErrorText, Field, textOfForm } from './parts.tsx'
import type { ProofQuestion } from './proof.ts'
import { useScreenWords } from './words.tsx'

export interface ProofDialogProps {
  readonly question: ProofQuestion
  /** a lock while it is asked ends what was waiting for the answer */
  readonly locked: boolean
  /** Throws what says why it is none. */
  readonly prove: (passcode: string) => Promise<void>
  /** another way, before the passcode */
  readonly other?: (action: Action) => ReactNode
}

export function ProofDialog({ question, locked, prove, other }: ProofDialogProps): ReactNode {
  const words = useScreenWords()
  const action = useAction()
  const { busy, error, run } = action
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (locked) question.declined()
  }, [locked, question])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const passcode = textOfForm(event.currentTarget, 'passcode')
    run(async () => {
      try {
        await prove(passcode)
        question.answered()
      } finally {
        form.current?.reset()
        form.current?.querySelector('input')?.focus()
      }
    })
  }
  return (
    <Dialog title={words.t('web.proof.title')} onClose={question.declined}>
      <p>{words.t('web.proof.text')}</p>
      <form ref={form} method="post" className={styles.form} onSubmit={submit}>
        {other?.(action)}
        <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required autoFocus />
        <ErrorText>{error}</ErrorText>
        <div className={styles.answers}>
          <Button onPress={question.declined}>{words.t('web.cancel')}</Button>
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.proof.go')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
