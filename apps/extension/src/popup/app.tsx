/** Which screen the state calls for: the first steps, the code to be approved, the passcode, or the keychain. */
import { useAction } from '@nokkel/ui/action'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import { lazy, Suspense, type FormEvent, type ReactNode } from 'react'
import { call } from './background.ts'
import { Gate } from './gate.tsx'
import { Keychain } from './keychain.tsx'
import styles from './popup.module.css'
import { useSnapshot, useWords } from './state.tsx'

const Enter = lazy(async () => ({ default: (await import('./entering.tsx')).Enter }))
const Joining = lazy(async () => ({ default: (await import('./entering.tsx')).Joining }))

export function App(): ReactNode {
  const snapshot = useSnapshot()
  const empty = <main className={styles.gate} aria-busy="true" />
  if (snapshot === null) return empty
  if (snapshot.state === 'locked') return <Locked />
  if (snapshot.state === 'empty' || snapshot.state === 'signed-in')
    return <Suspense fallback={empty}>{snapshot.state === 'empty' ? <Enter /> : <Joining snapshot={snapshot} />}</Suspense>
  return <Keychain snapshot={snapshot} />
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
