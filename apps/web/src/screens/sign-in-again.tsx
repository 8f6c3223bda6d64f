/** Signing in again on a device that was turned off or removed, or whose session has ended. What is stored here stays (D2). */
import type { FormEvent, ReactNode } from 'react'
import { useAction, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Button, ErrorText, Field, textOfForm } from '../ui/parts.tsx'
import type { Status } from '../worker/protocol.ts'
import styles from './gate.module.css'

export function SignInAgain({ status, onClose }: { readonly status: Status; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    run(async () => {
      await call('signIn', {
        email: status.email ?? '',
        deviceName: status.deviceName ?? 'Web',
        password: textOfForm(form, 'password'),
        passcode: textOfForm(form, 'passcode'),
      })
      onClose()
    })
  }
  return (
    <Dialog title={words.t('web.sign-in.title')} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <p>{status.email}</p>
        <Field name="password" type="password" label={words.t('web.password')} autoComplete="current-password" required autoFocus />
        <Field name="passcode" type="password" label={words.t('web.passcode')} required />
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {words.t('web.welcome.sign-in')}
        </Button>
      </form>
    </Dialog>
  )
}
