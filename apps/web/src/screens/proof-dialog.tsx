/** Is it you (C1)? By this device's own lock where it is turned on, by the passcode always. */
import { useEffect, useRef, type FormEvent, type ReactNode } from 'react'
import { proveWithAuthenticator } from '../app/authenticator.ts'
import type { ProofQuestion } from '../app/proof.ts'
import { useAction, useSnapshot, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Button, ErrorText, Field, textOfForm } from '../ui/parts.tsx'
import styles from './page.module.css'

export function ProofDialog({ question }: { readonly question: ProofQuestion }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const snapshot = useSnapshot()
  const handle = snapshot?.authenticator ?? null
  const locked = snapshot === null || snapshot.state === 'locked'
  const form = useRef<HTMLFormElement>(null)
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
    <Dialog title={words.t('web.proof.title')} onClose={question.declined}>
      <p>{words.t('web.proof.text')}</p>
      <form ref={form} method="post" className={styles.form} onSubmit={submit}>
        {handle !== null && (
          <Button
            icon="fingerprint"
            wide
            disabled={busy}
            onPress={() =>
              run(async () => {
                await proveWithAuthenticator(handle)
                question.answered()
              })
            }
          >
            {words.t('web.proof.device-lock')}
          </Button>
        )}
        <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required autoFocus />
        <ErrorText>{error}</ErrorText>
        <div className={styles.actions}>
          <Button onPress={question.declined}>{words.t('web.cancel')}</Button>
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.proof.go')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
