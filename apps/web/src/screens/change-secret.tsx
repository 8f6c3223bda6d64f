/** A new passcode for this device, and a new password for the account (SIG-9): the old one, and the new one twice, because a slip would lock the person out. */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import styles from './page.module.css'

interface Names {
  readonly title: string
  readonly text: string | null
  readonly old: string
  readonly next: string
  readonly again: string
  readonly differs: string
  readonly done: string
}

export function ChangePasscode({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const names = {
    title: words.t('web.settings.passcode'),
    text: null,
    old: words.t('web.settings.passcode-old'),
    next: words.t('web.settings.passcode-new'),
    again: words.t('web.passcode-again'),
    differs: words.t('web.passcode-differs'),
    done: words.t('web.settings.passcode-changed'),
  }
  return <ChangeSecret names={names} change={(old, next) => call('changePasscode', old, next)} onClose={onClose} />
}

export function ChangePassword({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const names = {
    title: words.t('web.settings.password'),
    text: words.t('web.settings.password-text'),
    old: words.t('web.settings.password-old'),
    next: words.t('web.settings.password-new'),
    again: words.t('web.settings.password-again'),
    differs: words.t('web.settings.password-differs'),
    done: words.t('web.settings.password-changed'),
  }
  return <ChangeSecret names={names} change={(old, next) => call('changeAccountPassword', old, next)} onClose={onClose} />
}

function ChangeSecret({
  names,
  change,
  onClose,
}: {
  readonly names: Names
  readonly change: (old: string, next: string) => Promise<void>
  readonly onClose: () => void
}): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [differs, setDiffers] = useState(false)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const [old, next] = [textOfForm(form, 'old'), textOfForm(form, 'new')]
    const same = next === textOfForm(form, 'again')
    setDiffers(!same)
    if (!same) return
    run(async () => {
      await change(old, next)
      onClose()
      tell(names.done)
    })
  }
  return (
    <Dialog title={names.title} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        {names.text !== null && <p>{names.text}</p>}
        <Field name="old" type="password" label={names.old} autoComplete="current-password" required autoFocus />
        <Field name="new" type="password" label={names.next} autoComplete="new-password" required />
        <Field
          name="again"
          type="password"
          label={names.again}
          error={differs ? names.differs : null}
          autoComplete="new-password"
          required
        />
        <ErrorText>{error}</ErrorText>
        <div className={styles.actions}>
          <Button onPress={onClose}>{words.t('web.cancel')}</Button>
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
