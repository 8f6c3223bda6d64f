/** The first steps of this browser: an account or a sign-in, and the code to be approved. Loaded when there is no keychain yet. */
import { useAction } from '@nokkel/ui/action'
import { Button, ErrorText, Field, Spinner, textOfForm } from '@nokkel/ui/parts'
import { useState, type FormEvent, type ReactNode } from 'react'
import type { Snapshot } from '../protocol.ts'
import { call } from './background.ts'
import { Gate } from './gate.tsx'
import styles from './popup.module.css'
import { Scannable } from './scannable.tsx'
import { useWords } from './state.tsx'

export function Enter(): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [creating, setCreating] = useState(false)
  const [differs, setDiffers] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const same = textOfForm(form, 'passcode') === textOfForm(form, 'passcode-again')
    setDiffers(!same)
    if (!same) return
    const details = {
      server: textOfForm(form, 'server'),
      email: textOfForm(form, 'email'),
      password: textOfForm(form, 'password'),
      passcode: textOfForm(form, 'passcode'),
      deviceName: textOfForm(form, 'device'),
    }
    run(() => call(creating ? 'createAccount' : 'signIn', details))
  }
  const browserName = navigator.userAgent.includes('Firefox/') ? 'Firefox' : navigator.userAgent.includes('Edg/') ? 'Edge' : 'Chrome'
  return (
    <Gate
      title={words.t(creating ? 'web.create.title' : 'web.sign-in.title')}
      text={words.t(creating ? 'web.create.text' : 'web.sign-in.text')}
    >
      <form method="post" className={styles.form} onSubmit={submit}>
        <Field name="server" type="url" label={words.t('extension.server')} hint={words.t('extension.server-about')} required autoFocus />
        <Field name="email" type="email" label={words.t('web.email')} autoComplete="username" required />
        <Field name="password" type="password" label={words.t('web.password')} required />
        <Field name="passcode" type="password" label={words.t('web.passcode')} hint={words.t('web.passcode-about')} required />
        <Field
          name="passcode-again"
          type="password"
          label={words.t('web.passcode-again')}
          error={differs ? words.t('web.passcode-differs') : null}
          required
        />
        <Field name="device" label={words.t('web.device-name')} initial={browserName} maxLength={64} required />
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {words.t(creating ? 'web.welcome.create' : 'web.welcome.sign-in')}
        </Button>
      </form>
      <Button look="quiet" onPress={() => setCreating(!creating)}>
        {words.t(creating ? 'web.sign-in.title' : 'web.create.title')}
      </Button>
    </Gate>
  )
}

export function Joining({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const { joinProgress, joinEnded } = snapshot
  const { joinCode } = snapshot
  if (joinProgress !== null && joinProgress.phase !== 'waiting')
    return (
      <Gate title={words.t('web.join.fetching')}>
        <progress
          className={styles.progress}
          aria-label={words.t('web.join.fetching')}
          {...(joinProgress.total > 0 ? { value: joinProgress.done, max: joinProgress.total } : {})}
        />
      </Gate>
    )
  if (joinCode === null)
    return (
      <Gate title={words.t('web.join.asked-not')} text={words.t('web.join.asked-not-text')}>
        <ErrorText>{error ?? (joinEnded === null ? null : words.errorText(joinEnded.code, joinEnded.params).message)}</ErrorText>
        <Button look="main" wide busy={busy} onPress={() => run(() => call('requestJoin'))}>
          {words.t('web.join.ask')}
        </Button>
        <Button wide onPress={() => run(() => call('signOut'))}>
          {words.t('web.join.sign-out')}
        </Button>
      </Gate>
    )
  return (
    <Gate title={words.t('web.join.title')} text={words.t('web.join.text')}>
      <p className={styles.code} role="img" aria-label={`${words.t('web.join.code')}: ${[...joinCode].join(' ')}`}>
        <span>{joinCode.slice(0, 3)}</span>
        <span>{joinCode.slice(3)}</span>
      </p>
      <Scannable />
      <p className={styles.waiting} role="status">
        <Spinner /> {words.t('web.join.waiting')}
      </p>
      <ErrorText>{error}</ErrorText>
      <Button wide busy={busy} onPress={() => run(() => call('withdrawJoin'))}>
        {words.t('web.join.cancel')}
      </Button>
    </Gate>
  )
}
