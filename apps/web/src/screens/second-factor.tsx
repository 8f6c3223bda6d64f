/**
 * Before a passcode or the security code may be tried (F2, F3): six digits from a device, or by SMS; with two factors off by SMS alone. Where
 * the number is lost, what the support needs, and the new number once the support has opened the way to it (F5).
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import { errorWords, useAction, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { SentVerification, TwoFactorInfo } from '../worker/protocol.ts'
import { Gate } from './gate.tsx'
import styles from './gate.module.css'
import { NewNumber } from './ways-back/new-number.tsx'
import { digitsOf, SentCode } from './ways-back/sent-code.tsx'

interface Props {
  /** no device can show a code: the way is the security code (F3) */
  readonly bySmsAlone: boolean
  readonly onBack: () => void
  readonly onPassed: () => void
}

export function SecondFactor({ bySmsAlone, onBack, onPassed }: Props): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [sent, setSent] = useState<SentVerification | null>(null)
  const [lost, setLost] = useState(false)
  const [changes, setChanges] = useState(0)
  const [to, setTo] = useState<{ readonly id: string; readonly end: string } | null>(null)
  const { value: info, error: fault } = useAnswer(() => call('waysBackInfo'), [changes])
  const numberEnd = info?.verification.numberEnd ?? null
  // with two factors off there is one number (F3)
  const others = info?.verification.on === true ? info.verification.further.filter(({ id }) => id !== to?.id) : []
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const code = digitsOf(textOfForm(event.currentTarget, 'code'))
    run(async () => {
      await call('checkVerification', sent?.id ?? null, code, 'recover')
      onPassed()
    })
  }
  if (lost && info !== null)
    return (
      <NumberLost
        supportCase={info.verification.supportCase}
        onBack={() => setLost(false)}
        onChanged={() => {
          setChanges(changes + 1)
          setLost(false)
        }}
      />
    )
  const typed = sent !== null || !bySmsAlone
  return (
    <Gate title={words.t('web.ways.factor')} text={words.t(bySmsAlone ? 'web.ways.factor-sms' : 'web.ways.factor-text')} onBack={onBack}>
      <form method="post" className={styles.form} onSubmit={submit}>
        {sent === null && !bySmsAlone && <Code words={words.t('web.ways.code')} />}
        {info !== null && numberEnd === null && bySmsAlone && <ErrorText>{errorWordsOfMissing(words)}</ErrorText>}
        {numberEnd !== null && (
          <SentCode
            sent={sent}
            onSent={setSent}
            send={() => call('sendVerification', 'recover', to?.id ?? null)}
            numberEnd={to?.end ?? numberEnd}
            quiet={!bySmsAlone}
            wide
          />
        )}
        {sent === null &&
          others.map((other) => (
            <Button key={other.id} look="quiet" wide onPress={() => setTo(other)}>
              {words.t('web.number.send-other', { digits: other.end })}
            </Button>
          ))}
        <ErrorText>{error ?? (fault === null ? null : errorWords(words, fault))}</ErrorText>
        {typed && (
          <Button look="main" wide type="submit" busy={busy}>
            {words.t('web.proof.go')}
          </Button>
        )}
        {info !== null && (
          <Button look="quiet" wide onPress={() => setLost(true)}>
            {words.t('web.number.lost')}
          </Button>
        )}
      </form>
    </Gate>
  )
}

const errorWordsOfMissing = (words: ReturnType<typeof useWords>): string => words.errorText('number-missing').message

function Code({ words }: { readonly words: string }): ReactNode {
  return <Field name="code" label={words} inputMode="numeric" autoComplete="one-time-code" maxLength={12} mono required />
}

function NumberLost({
  supportCase,
  onBack,
  onChanged,
}: {
  readonly supportCase: TwoFactorInfo['supportCase']
  readonly onBack: () => void
  readonly onChanged: () => void
}): ReactNode {
  const words = useWords()
  const open = supportCase?.state === 'open'
  return (
    <Gate title={words.t('web.number.lost')} text={words.t(open ? 'web.number.lost-open' : 'web.number.lost-text')} onBack={onBack}>
      {supportCase !== null && !open && (
        <p role="status">
          {words.t('web.number.lost-case', {
            state: words.label('support', supportCase.state),
            time: supportCase.dueMs === null ? '' : words.dateTime(supportCase.dueMs),
          })}
        </p>
      )}
      {open ? (
        <NewNumber hasOld onClose={onBack} onChanged={onChanged} />
      ) : (
        <p className={styles.small}>
          <a href="/about">{words.t('web.settings.about')}</a>
        </p>
      )}
    </Gate>
  )
}
