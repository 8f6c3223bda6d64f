/**
 * The number that codes go to (F3, F4): its end shown, the whole after a proof; tested, chosen and changed by a code that came to it; what the
 * support is doing about it, and the way when it cannot be changed (F5). With two factors on it is a trusted number and has no other name (F2).
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Icon } from '@nokkel/ui/icon'
import { Button, ErrorText, textOfForm } from '@nokkel/ui/parts'
import type { SentVerification, WaysBackInfo } from '../../worker/protocol.ts'
import styles from '../page.module.css'
import { FurtherNumbers } from './further-numbers.tsx'
import { NewNumber } from './new-number.tsx'
import { digitsOf, SentCode } from './sent-code.tsx'
import own from './ways-back.module.css'

interface Props {
  readonly twoFactor: boolean
  /** null: the server was not asked yet, or not reached */
  readonly info: WaysBackInfo | null
  readonly online: boolean
}

export function VerificationNumber({ twoFactor, info, online }: Props): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState<'test' | 'change' | null>(null)
  const [whole, setWhole] = useState<string | null>(null)
  // after a change made here: the answer that is shown is the one before
  const [changedTo, setChangedTo] = useState<string | null>(null)
  const close = (): void => setAsking(null)
  const end = changedTo ?? info?.verification.numberEnd ?? null
  const about = info === null ? (online ? 'web.loading' : 'web.number.offline') : end === null ? 'web.number.none' : null
  return (
    <section aria-labelledby="number">
      <h2 id="number">{words.t(twoFactor ? 'web.number.trusted' : 'web.number')}</h2>
      <div className={own.state} data-set={end !== null || info === null || undefined}>
        <Icon name={end === null && info !== null ? 'warning' : 'phone'} />
        <p>
          {about !== null ? (
            words.t(about)
          ) : (
            <span className={own.number}>{whole ?? words.t('web.number.masked', { digits: end ?? '' })}</span>
          )}
        </p>
        {about === null && (
          <Button
            look="quiet"
            busy={busy}
            onPress={() => (whole === null ? run(async () => setWhole(await call('number'))) : setWhole(null))}
          >
            {words.t(whole === null ? 'web.show' : 'web.hide')}
          </Button>
        )}
      </div>
      <p className={styles.quiet}>{words.t(twoFactor ? 'web.number.about-trusted' : 'web.number.about')}</p>
      <ErrorText>{error}</ErrorText>
      {info !== null && (
        <>
          <SupportCase info={info} />
          <div className={own.buttons}>
            <Button look={end === null ? 'main' : 'plain'} onPress={() => setAsking('change')}>
              {words.t(end === null ? 'web.number.choose' : 'web.number.change')}
            </Button>
            {end !== null && <Button onPress={() => setAsking('test')}>{words.t('web.number.test')}</Button>}
          </div>
          {twoFactor && end !== null && <FurtherNumbers further={info.verification.further} />}
          {end !== null && (
            <details className={styles.former}>
              <summary>{words.t('web.number.cannot')}</summary>
              <p>{words.t('web.number.cannot-here')}</p>
              <p>{words.t('web.number.cannot-support')}</p>
            </details>
          )}
        </>
      )}
      {asking === 'test' && end !== null && <Test numberEnd={end} onClose={close} />}
      {asking === 'change' && (
        <Dialog title={words.t(end === null ? 'web.number.choose' : 'web.number.change')} onClose={close}>
          <NewNumber
            hasOld={end !== null}
            onClose={close}
            onChanged={(digits) => {
              setWhole(null)
              setChangedTo(digits)
              close()
              tell(words.t('number.changed', { lastDigits: digits }))
            }}
          />
        </Dialog>
      )}
    </section>
  )
}

function Test({ numberEnd, onClose }: { readonly numberEnd: string; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [sent, setSent] = useState<SentVerification | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const code = digitsOf(textOfForm(event.currentTarget, 'code'))
    if (sent === null) return
    run(async () => {
      await call('checkVerification', sent.id, code, 'number-test')
      onClose()
      tell(words.t('number.works'))
    })
  }
  const cancel = <Button onPress={onClose}>{words.t('web.cancel')}</Button>
  return (
    <Dialog title={words.t('web.number.test')} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <p>{words.t('web.number.test-text')}</p>
        <SentCode sent={sent} onSent={setSent} send={() => call('sendVerification', 'number-test')} numberEnd={numberEnd} beside={cancel} />
        <ErrorText>{error}</ErrorText>
        {sent !== null && (
          <div className={styles.actions}>
            {cancel}
            <Button look="main" type="submit" busy={busy}>
              {words.t('web.proof.go')}
            </Button>
          </div>
        )}
      </form>
    </Dialog>
  )
}

/** Anybody who holds a trusted device can end what was not asked for (F5). */
function SupportCase({ info }: { readonly info: WaysBackInfo }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const { supportCase } = info.verification
  if (supportCase === null) return null
  const state = words.label('support', supportCase.state)
  return (
    <div className={own.state} role="alert">
      <Icon name="warning" />
      <p>
        {words.t('number.support', { state, time: supportCase.dueMs === null ? '' : words.dateTime(supportCase.dueMs) })}{' '}
        {words.t('web.number.support-not-you')}
        <ErrorText>{error}</ErrorText>
      </p>
      <Button
        look="danger"
        busy={busy}
        onPress={() =>
          run(async () => {
            await call('stopSupportCase')
            tell(words.t('number.support-stopped'))
          })
        }
      >
        {words.t('web.number.support-stop')}
      </Button>
    </div>
  )
}
