/** Signing in again on a device that was turned off or removed, whose keychain was reset, or whose session has ended. What is stored here
 * stays (D2), unless the person says otherwise (D4). */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, Choice, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { Snapshot, Status } from '../worker/protocol.ts'
import styles from './gate.module.css'

export function SignInAgain({
  state,
  status,
  onClose,
}: {
  readonly state: Snapshot['state']
  readonly status: Status
  readonly onClose: () => void
}): ReactNode {
  const words = useWords()
  const [copy, setCopy] = useState<'merge' | 'discard'>('merge')
  // the keychain that comes is another one: what becomes of the copy here is for the person to say (D4)
  const decides = state === 'reset' && status.items > 0
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
        ...(decides && { copy }),
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
        {decides && (
          <Choice
            label={words.t('web.again.copy')}
            value={copy}
            options={[
              ['merge', words.t('web.again.merge')],
              ['discard', words.t('web.again.discard')],
            ]}
            onChange={(value) => setCopy(value === 'discard' ? 'discard' : 'merge')}
          />
        )}
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {words.t('web.welcome.sign-in')}
        </Button>
      </form>
    </Dialog>
  )
}
