/** Which screen the state calls for: the first steps, the code to be approved, the passcode, or the keychain. */
import { lazy, Suspense, useState, type FormEvent, type ReactNode } from 'react'
import { Mark } from '@nokkel/ui/icon'
import { Button, ErrorText, Field, Spinner, textOfForm } from '@nokkel/ui/parts'
import type { Snapshot } from '../protocol.ts'
import { call } from './background.ts'
import { Keychain } from './keychain.tsx'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useSnapshot, useWords } from './state.tsx'

const Scannable = lazy(async () => ({ default: (await import('./scannable.tsx')).Scannable }))

export function App(): ReactNode {
  const snapshot = useSnapshot()
  if (snapshot === null) return <main className={styles.gate} aria-busy="true" />
  if (snapshot.state === 'locked') return <Locked />
  if (snapshot.state === 'empty') return <Enter />
  if (snapshot.state === 'signed-in') return <Joining snapshot={snapshot} />
  return <Keychain snapshot={snapshot} />
}

function Gate({ title, text, children }: { readonly title: string; readonly text?: string; readonly children: ReactNode }): ReactNode {
  return (
    <main className={styles.gate}>
      <Mark />
      <h1>{title}</h1>
      {text !== undefined && <p className={styles.lead}>{text}</p>}
      {children}
    </main>
  )
}

function Locked(): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const passcode = textOfForm(event.currentTarget, 'passcode')
    run(() => call('unlock', passcode))
  }
  return (
    <Gate title={words.t('web.locked.title')}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <Field name="passcode" type="password" label={words.t('web.passcode')} required autoFocus />
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {words.t('web.locked.unlock')}
        </Button>
      </form>
    </Gate>
  )
}

function Enter(): ReactNode {
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

function Joining({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
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
      <Suspense fallback={<span className={styles.qrSpace} />}>
        <Scannable />
      </Suspense>
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
