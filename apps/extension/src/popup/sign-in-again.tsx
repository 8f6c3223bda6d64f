/**
 * Signing in again on a device that was removed, whose keychain was reset or turned off, or whose session has ended. What is stored here stays
 * (D2), unless the person says otherwise (D4). Loaded when it is asked for.
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import type { Snapshot, Standing } from '../protocol.ts'
import { Button, Choice, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

interface SignInAgainProps {
  readonly state: Snapshot['state']
  readonly standing: Standing
  readonly onClose: () => void
}

export function SignInAgain({ state, standing, onClose }: SignInAgainProps): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [copy, setCopy] = useState<'merge' | 'discard'>('merge')
  const { server, email, deviceName } = standing
  const decides = state === 'reset' && standing.items > 0
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const entered = { password: textOfForm(form, 'password'), passcode: textOfForm(form, 'passcode') }
    run(async () => {
      await call('signIn', { server, email, deviceName, ...entered, ...(decides && { copy }) })
      onClose()
    })
  }
  return (
    <form method="post" className={styles.again} onSubmit={submit}>
      <p>{email}</p>
      <Field name="password" type="password" label={words.t('web.password')} required autoFocus />
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
      <div className={styles.actions}>
        <Button look="main" type="submit" busy={busy}>
          {words.t('web.welcome.sign-in')}
        </Button>
        <Button onPress={onClose}>{words.t('web.cancel')}</Button>
      </div>
    </form>
  )
}
