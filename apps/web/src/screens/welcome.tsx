/** The first screens: what this is, then creating an account or signing in, each one form. */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useLanguage, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import { defaultDeviceName } from './device-name.ts'
import { Gate } from './gate.tsx'
import styles from './gate.module.css'

export function Welcome(): ReactNode {
  const words = useWords()
  const [way, setWay] = useState<'create' | 'sign-in' | null>(null)
  if (way !== null) return <Enter key={way} way={way} onBack={() => setWay(null)} />
  return (
    <Gate title={words.t('web.welcome.title')} text={words.t('web.welcome.text')}>
      <div className={styles.actions}>
        <Button look="main" wide onPress={() => setWay('create')}>
          {words.t('web.welcome.create')}
        </Button>
        <Button wide onPress={() => setWay('sign-in')}>
          {words.t('web.welcome.sign-in')}
        </Button>
      </div>
      <p className={styles.small}>
        <a href="/status">{words.t('web.system-status')}</a> · <a href="/about">{words.t('web.welcome.about')}</a>
      </p>
    </Gate>
  )
}

function Enter({ way, onBack }: { readonly way: 'create' | 'sign-in'; readonly onBack: () => void }): ReactNode {
  const { words } = useLanguage()
  const { busy, error, run } = useAction()
  const [differs, setDiffers] = useState(false)
  const creating = way === 'create'
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const details = {
      email: textOfForm(form, 'email'),
      password: textOfForm(form, 'password'),
      passcode: textOfForm(form, 'passcode'),
      deviceName: textOfForm(form, 'device'),
    }
    const same = details.passcode === textOfForm(form, 'passcode-again')
    setDiffers(!same)
    if (!same) return
    run(async () => {
      // asked for while the click still counts, so that the browser does not throw the keychain away when space gets short
      void navigator.storage?.persist?.().catch(() => false)
      await call(creating ? 'createAccount' : 'signIn', details)
    })
  }
  return (
    <Gate
      title={words.t(creating ? 'web.create.title' : 'web.sign-in.title')}
      text={words.t(creating ? 'web.create.text' : 'web.sign-in.text')}
      onBack={onBack}
    >
      <form method="post" className={styles.form} onSubmit={submit}>
        <Field name="email" type="email" label={words.t('web.email')} autoComplete="username" inputMode="email" required autoFocus />
        <Field
          name="password"
          type="password"
          label={words.t('web.password')}
          autoComplete={creating ? 'new-password' : 'current-password'}
          hint={creating ? words.t('web.password-about') : undefined}
          required
        />
        <hr />
        <Field name="passcode" type="password" label={words.t('web.passcode')} hint={words.t('web.passcode-about')} required />
        <Field
          name="passcode-again"
          type="password"
          label={words.t('web.passcode-again')}
          error={differs ? words.t('web.passcode-differs') : null}
          required
        />
        <Field name="device" label={words.t('web.device-name')} initial={defaultDeviceName(words)} maxLength={64} required />
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {busy
            ? words.t(creating ? 'web.create.doing' : 'web.sign-in.doing')
            : words.t(creating ? 'web.welcome.create' : 'web.welcome.sign-in')}
        </Button>
      </form>
    </Gate>
  )
}
