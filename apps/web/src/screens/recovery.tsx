/** Ways back (F10): the recovery key, made and shown once, printed, checked, replaced, given up. What it is for stands above it. */
import { lazy, Suspense, useState, type FormEvent, type ReactNode } from 'react'
import { go, tell, useAction, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Icon } from '../ui/icon.tsx'
import { Button, ErrorText, Field, IconButton, textOfForm } from '../ui/parts.tsx'
import type { Snapshot } from '../worker/protocol.ts'
import styles from './page.module.css'
import own from './recovery.module.css'

const QrCode = lazy(async () => ({ default: (await import('../ui/qr-code.tsx')).QrCode }))

type Asking = 'create' | 'replace' | 'check' | 'revoke'

export function Recovery({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const [asking, setAsking] = useState<Asking | null>(null)
  const [made, setMade] = useState<string | null>(null)
  const { run, busy, error } = useAction()
  const { status, state } = snapshot
  const has = status?.recoveryKey === true
  const make = (replace: boolean): void =>
    run(async () => {
      setMade(await call('createRecoveryKey', replace))
      setAsking(null)
    })
  if (made !== null) return <NewKey text={made} email={status?.email ?? ''} server={status?.server ?? ''} onDone={() => setMade(null)} />
  return (
    <div className={styles.page}>
      <div className={styles.withBack}>
        <IconButton label={words.t('web.back')} icon="back" onPress={() => go('settings')} />
        <h1>{words.t('web.recovery.title')}</h1>
      </div>
      <p className={styles.quiet}>{words.t('web.recovery.about')}</p>
      <section aria-labelledby="recovery-key">
        <h2 id="recovery-key">{words.t('web.recovery.key')}</h2>
        <div className={own.state} data-set={has || undefined}>
          <Icon name={has ? 'check' : 'warning'} />
          <p>{words.t(has ? 'web.recovery.key-is' : 'web.recovery.key-is-not')}</p>
        </div>
        <p className={styles.quiet}>{words.t('web.recovery.key-about')}</p>
        <ErrorText>{asking === null ? error : null}</ErrorText>
        {state === 'trusted' && (
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
      {state === 'trusted' && status?.twoFactor === true && <DeviceCode />}
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
    </div>
  )
}

/** Typed on a new device when it comes back by a passcode (F2): the second factor beside the password. */
function DeviceCode(): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [shown, setShown] = useState<{ readonly code: string; readonly expiresMs: number } | null>(null)
  return (
    <section aria-labelledby="device-code">
      <h2 id="device-code">{words.t('web.device-code')}</h2>
      <p className={styles.quiet}>{words.t('web.device-code.about')}</p>
      {shown !== null && (
        <p className={own.deviceCode} role="status">
          <span>{shown.code.replace(/(.{3})(?=.{3})/, '$1 ')}</span>
          <span className={styles.quiet}>{words.t('web.device-code.until', { time: words.dateTime(shown.expiresMs) })}</span>
        </p>
      )}
      <ErrorText>{error}</ErrorText>
      <div className={own.buttons}>
        <Button busy={busy} onPress={() => run(async () => setShown(await call('deviceCode')))}>
          {words.t('web.device-code.show')}
        </Button>
      </div>
    </section>
  )
}

/** Shown this once, and left only by somebody who can read it off their paper. */
function NewKey({
  text,
  email,
  server,
  onDone,
}: {
  readonly text: string
  readonly email: string
  readonly server: string
  readonly onDone: () => void
}): ReactNode {
  const words = useWords()
  const [differs, setDiffers] = useState(false)
  const groups = text.split(/[^A-Z0-9]+/i).filter((group) => group !== '')
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = textOfForm(event.currentTarget, 'last').replaceAll(/\W/g, '').toUpperCase()
    if (typed !== groups.at(-1)?.toUpperCase()) return setDiffers(true)
    tell(words.t('web.recovery.created'))
    onDone()
  }
  return (
    <div className={styles.page}>
      <div className={own.sheet}>
        <h1>{words.t('web.recovery.sheet-title')}</h1>
        <p>{words.t('web.recovery.sheet-text')}</p>
        <div className={own.keyAndCode}>
          <ol className={own.key} aria-label={words.t('web.recovery.key')}>
            {groups.map((group, i) => (
              <li key={`${i} ${group}`}>{group}</li>
            ))}
          </ol>
          <Suspense fallback={<span className={own.codeSpace} />}>
            <QrCode text={text} label={words.t('web.recovery.qr')} />
          </Suspense>
        </div>
        <p className={styles.quiet}>
          {email} · {server}
        </p>
      </div>
      <form method="post" className={own.confirm} onSubmit={submit}>
        <p>{words.t('web.recovery.shown-once')}</p>
        <div>
          <Button icon="print" onPress={() => globalThis.print()}>
            {words.t('web.recovery.print')}
          </Button>
        </div>
        <Field
          name="last"
          label={words.t('web.recovery.last-group')}
          error={differs ? words.t('web.recovery.last-group-differs') : null}
          maxLength={8}
          mono
          required
        />
        <div>
          <Button look="main" type="submit">
            {words.t('web.done')}
          </Button>
        </div>
      </form>
    </div>
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
