/** The keychain is locked: one field. Everything else of the app is out of memory. */
import { useEffect, useRef, type FormEvent, type ReactNode } from 'react'
import { unlockWithAuthenticator } from '../app/authenticator.ts'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { AuthenticatorHandle } from '../worker/protocol.ts'
import { Gate } from './gate.tsx'
import styles from './gate.module.css'
import { loadShellAhead } from './load-shell.ts'

export function Locked({ authenticator }: { readonly authenticator: AuthenticatorHandle | null }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const form = useRef<HTMLFormElement>(null)
  useEffect(loadShellAhead, [])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const passcode = textOfForm(event.currentTarget, 'passcode')
    run(async () => {
      try {
        await call('unlock', passcode)
      } finally {
        form.current?.reset()
        form.current?.querySelector('input')?.focus()
      }
    })
  }
  return (
    <Gate title={words.t('web.locked.title')}>
      {authenticator !== null && (
        <div className={styles.actions}>
          <Button look="main" wide icon="fingerprint" disabled={busy} onPress={() => run(() => unlockWithAuthenticator(authenticator))}>
            {words.t('web.locked.device-lock')}
          </Button>
        </div>
      )}
      <form ref={form} method="post" className={styles.form} onSubmit={submit}>
        <Field
          name="passcode"
          type="password"
          label={words.t('web.passcode')}
          autoComplete="current-password"
          required
          autoFocus={authenticator === null}
        />
        <ErrorText>{error}</ErrorText>
        <Button look={authenticator === null ? 'main' : 'plain'} wide type="submit" busy={busy}>
          {words.t(busy ? 'web.locked.doing' : 'web.locked.unlock')}
        </Button>
      </form>
    </Gate>
  )
}
