/** The recovery key (F10): made and shown once, printed, checked, replaced, given up. */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Icon } from '@nokkel/ui/icon'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import styles from '../page.module.css'
import own from './ways-back.module.css'

type Asking = 'create' | 'replace' | 'check' | 'revoke'

interface Props {
  readonly has: boolean
  readonly writable: boolean
  readonly onMade: (key: string) => void
}

export function RecoveryKey({ has, writable, onMade }: Props): ReactNode {
  const words = useWords()
  const [asking, setAsking] = useState<Asking | null>(null)
  const { run, busy, error } = useAction()
  const make = (replace: boolean): void =>
    run(async () => {
      onMade(await call('createRecoveryKey', replace))
    })
  return (
    <>
      <section aria-labelledby="recovery-key">
        <h2 id="recovery-key">{words.t('web.recovery.key')}</h2>
        <div className={own.state} data-set={has || undefined}>
          <Icon name={has ? 'check' : 'warning'} />
          <p>{words.t(has ? 'web.recovery.key-is' : 'web.recovery.key-is-not')}</p>
        </div>
        <p className={styles.quiet}>{words.t('web.recovery.key-about')}</p>
        <ErrorText>{asking === null ? error : null}</ErrorText>
        {writable && (
          <div className={own.buttons}>
            {has ? (
              <>
                <Button onPress={() => setAsking('check')}>{words.t('web.recovery.check')}</Button>
                <Button onPress={() => setAsking('replace')}>{words.t('web.recovery.replace')}</Button>
                <Button look="danger" onPress={() => setAsking('revoke')}>
                  {words.t('web.recovery.revoke')}
                </Button>
              </>
            ) : (
              <Button look="main" busy={busy} onPress={() => make(false)}>
                {words.t('web.recovery.create')}
              </Button>
            )}
          </div>
        )}
      </section>
      {asking === 'check' && <Check onClose={() => setAsking(null)} />}
      {(asking === 'replace' || asking === 'revoke') && (
        <Dialog
          title={words.t(asking === 'replace' ? 'web.recovery.replace-ask' : 'web.recovery.revoke-ask')}
          onClose={() => setAsking(null)}
        >
          <p>{words.t(asking === 'replace' ? 'web.recovery.replace-text' : 'web.recovery.revoke-text')}</p>
          <ErrorText>{error}</ErrorText>
          <div className={styles.actions}>
            <Button onPress={() => setAsking(null)}>{words.t('web.cancel')}</Button>
            <Button
              look="danger"
              busy={busy}
              onPress={() =>
                asking === 'replace'
                  ? make(true)
                  : run(async () => {
                      await call('revokeRecoveryKey')
                      setAsking(null)
                      tell(words.t('web.recovery.revoked'))
                    })
              }
            >
              {words.t(asking === 'replace' ? 'web.recovery.replace' : 'web.recovery.revoke')}
            </Button>
          </div>
        </Dialog>
      )}
    </>
  )
}

function Check({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [fits, setFits] = useState<boolean | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const text = textOfForm(event.currentTarget, 'key')
    setFits(null)
    run(async () => setFits(await call('checkRecoveryKey', text)))
  }
  return (
    <Dialog title={words.t('web.recovery.check')} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <p>{words.t('web.recovery.check-text')}</p>
        <Field name="key" label={words.t('web.recovery.key')} maxLength={80} mono required autoFocus />
        <ErrorText>{error ?? (fits === false ? words.t('recovery-key.unfit') : null)}</ErrorText>
        <p role="status">{fits === true && words.t('recovery-key.fits')}</p>
        <div className={styles.actions}>
          <Button onPress={onClose}>{words.t('web.close')}</Button>
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.recovery.check')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
