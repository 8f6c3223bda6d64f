/** Is it you (C1)? The passcode, over whatever the popup shows. It goes to the background and nowhere else. */
import { useEffect, useId, useLayoutEffect, useRef, useSyncExternalStore, type FormEvent, type ReactNode } from 'react'
import { Button, ErrorText, Field, textOfForm } from '../ui/parts.tsx'
import { call } from './background.ts'
import styles from './popup.module.css'
import { proofQuestion, subscribeToQuestion, type ProofQuestion } from './proof.ts'
import { useAction, useSnapshot, useWords } from './state.tsx'

/** Shows the question when there is one. */
export function Proof(): ReactNode {
  const question = useSyncExternalStore(subscribeToQuestion, proofQuestion)
  return question === null ? null : <ProofDialog question={question} />
}

function ProofDialog({ question }: { readonly question: ProofQuestion }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const title = useId()
  const dialog = useRef<HTMLDialogElement>(null)
  const form = useRef<HTMLFormElement>(null)
  const locked = useSnapshot()?.state === 'locked'
  useLayoutEffect(() => {
    const element = dialog.current
    const before = document.activeElement
    element?.showModal()
    return () => {
      // closed before it is taken away: until then nothing else can have the focus, and it goes back to where it was
      element?.close()
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  // a lock while it is asked ends what was waiting for the answer
  useEffect(() => {
    if (locked) question.declined()
  }, [locked, question])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const passcode = textOfForm(event.currentTarget, 'passcode')
    run(async () => {
      try {
        await call('prove', passcode)
        question.answered()
      } finally {
        form.current?.reset()
        form.current?.querySelector('input')?.focus()
      }
    })
  }
  return (
    <dialog ref={dialog} className={styles.dialog} aria-labelledby={title} onCancel={question.declined}>
      <h2 id={title}>{words.t('web.proof.title')}</h2>
      <p className={styles.small}>{words.t('web.proof.text')}</p>
      <form ref={form} method="post" className={styles.form} onSubmit={submit}>
        <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required autoFocus />
        <ErrorText>{error}</ErrorText>
        <div className={styles.actions}>
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.proof.go')}
          </Button>
          <Button onPress={question.declined}>{words.t('web.cancel')}</Button>
        </div>
      </form>
    </dialog>
  )
}
