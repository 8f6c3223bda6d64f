/** Two factors on or off (F1), and what follows from the change, said before it is made (F2, F3). */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Icon } from '@nokkel/ui/icon'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { SentVerification } from '../../worker/protocol.ts'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from '../page.module.css'
import { digitsOf, SentCode } from './sent-code.tsx'
import own from './ways-back.module.css'

interface Props {
  readonly on: boolean
  readonly numberEnd: string | null
  /** the server has said whether there is a number */
  readonly known: boolean
}

export function TwoFactor({ on, numberEnd, known }: Props): ReactNode {
  const words = useWords()
  const [asking, setAsking] = useState(false)
  const close = (): void => setAsking(false)
  return (
    <section aria-labelledby="two-factor">
      <h2 id="two-factor">{words.t('web.settings.two-factor')}</h2>
      <div className={own.state} data-set={on || undefined}>
        <Icon name={on ? 'check' : 'warning'} />
        <p>
          <strong>{words.t(on ? 'web.settings.on' : 'web.settings.off-short')}.</strong>{' '}
          {words.t(on ? 'web.two-factor.is-on' : 'web.two-factor.is-off')}
        </p>
      </div>
      <div className={own.buttons}>
        <Button disabled={!known} onPress={() => setAsking(true)}>
          {words.t(on ? 'web.two-factor.turn-off' : 'web.two-factor.turn-on')}
        </Button>
      </div>
      {asking && (on ? <TurnOff numberEnd={numberEnd} onClose={close} /> : <TurnOn onClose={close} />)}
    </section>
  )
}

function TurnOn({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const turnOn = async (field: (name: string) => string): Promise<void> => {
    await call('turnOnTwoFactor', field('passcode'))
    tell(words.t('two-factor.on'))
  }
  return (
    <AskDialog title={words.t('web.two-factor.turn-on')} go={words.t('web.two-factor.turn-on')} work={turnOn} onClose={onClose}>
      <Consequences keys={['web.two-factor.on-1', 'web.two-factor.on-2', 'web.two-factor.told']} />
      <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required />
    </AskDialog>
  )
}

/** The number is what is left before the security code may be tried, so it has to work now: a code comes to it first. */
function TurnOff({ numberEnd, onClose }: { readonly numberEnd: string | null; readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [sent, setSent] = useState<SentVerification | null>(null)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const [passcode, code] = [textOfForm(form, 'passcode'), digitsOf(textOfForm(form, 'code'))]
    if (sent === null) return
    run(async () => {
      await call('turnOffTwoFactor', passcode, sent.id, code)
      onClose()
      tell(words.t('two-factor.off'))
    })
  }
  const cancel = <Button onPress={onClose}>{words.t('web.cancel')}</Button>
  return (
    <Dialog title={words.t('web.two-factor.turn-off-ask')} onClose={onClose} wide>
      <form method="post" className={styles.form} onSubmit={submit}>
        <Consequences keys={['web.two-factor.off-1', 'web.two-factor.off-2', 'web.two-factor.off-3', 'web.two-factor.told']} />
        {numberEnd === null ? (
          <p role="alert">{words.t('web.two-factor.number-first')}</p>
        ) : (
          <SentCode
            sent={sent}
            onSent={setSent}
            send={() => call('sendVerification', 'two-factor')}
            numberEnd={numberEnd}
            beside={cancel}
          />
        )}
        {sent !== null && (
          <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required />
        )}
        <ErrorText>{error}</ErrorText>
        {(sent !== null || numberEnd === null) && (
          <div className={styles.actions}>
            {cancel}
            {sent !== null && (
              <Button look="danger" type="submit" busy={busy}>
                {words.t('web.two-factor.turn-off')}
              </Button>
            )}
          </div>
        )}
      </form>
    </Dialog>
  )
}

type Consequence = `web.two-factor.${'on-1' | 'on-2' | 'off-1' | 'off-2' | 'off-3' | 'told'}`

function Consequences({ keys }: { readonly keys: readonly Consequence[] }): ReactNode {
  const words = useWords()
  return (
    <ul className={styles.plainList}>
      {keys.map((key) => (
        <li key={key}>{words.t(key)}</li>
      ))}
    </ul>
  )
}
