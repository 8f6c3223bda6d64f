/**
 * Nobody is at hand who could approve (A5): this device comes back by itself. With two factors on by the passcode of one of the person's
 * devices, after a code from a device or by SMS (F2); with two factors off by the security code, after an SMS (F3); or by the recovery key
 * (F10). How many guesses are left is said before one is spent (F7).
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import { errorWords, useAction, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Field, Spinner, textOfForm } from '@nokkel/ui/parts'
import type { WayBack } from '../worker/protocol.ts'
import { Gate } from './gate.tsx'
import { SecondFactor } from './second-factor.tsx'
import styles from './gate.module.css'

export function OtherWays({ onBack }: { readonly onBack: () => void }): ReactNode {
  const words = useWords()
  const [kind, setKind] = useState<WayBack['kind'] | null>(null)
  const [way, setWay] = useState<WayBack | null>(null)
  const [passed, setPassed] = useState(false)
  // names of devices come after the second factor only (ESC-4)
  const { value: found, error } = useAnswer(() => call('waysBack'), [passed])
  const back = (): void => {
    setKind(null)
    setWay(null)
  }
  if (kind === 'recovery-key') return <ByRecoveryKey onBack={back} />
  if (kind !== null && !passed && found?.passed !== true)
    return <SecondFactor bySmsAlone={kind === 'security-code'} onBack={back} onPassed={() => setPassed(true)} />
  const candidates = found?.passed === true ? found.ways.filter((each) => each.kind === kind) : []
  const chosen = way ?? (candidates.length === 1 ? candidates[0] : undefined)
  if (kind !== null && chosen !== undefined) return <ByCode way={chosen} onBack={back} />
  const kinds = (['passcode', 'security-code'] as const).filter((each) => found?.ways.some((open) => open.kind === each))
  return (
    <Gate title={words.t('web.ways.title')} text={words.t('web.ways.text')} onBack={kind === null ? onBack : back}>
      {(found === null || (kind !== null && candidates.length === 0)) && error === null && (
        <p className={styles.waiting} role="status">
          <Spinner /> {words.t('web.loading')}
        </p>
      )}
      <ErrorText>{error === null ? null : errorWords(words, error)}</ErrorText>
      <div className={styles.actions}>
        {kind === null
          ? kinds.map((each) => (
              <Button key={each} wide onPress={() => setKind(each)}>
                {words.t(each === 'passcode' ? 'web.ways.passcode-of-one' : 'web.ways.security-code')}
              </Button>
            ))
          : candidates.map((each) => (
              <Button key={each.slot} wide onPress={() => setWay(each)}>
                {nameOf(words, each)}
              </Button>
            ))}
        {kind === null && found !== null && (
          <Button wide onPress={() => setKind('recovery-key')}>
            {words.t('web.recovery.use')}
          </Button>
        )}
      </div>
    </Gate>
  )
}

function nameOf(words: ReturnType<typeof useWords>, { kind, name }: WayBack): string {
  if (kind === 'security-code') return words.t('web.ways.security-code')
  return name === '' ? words.t('web.ways.passcode-of-one') : words.t('web.ways.passcode', { name })
}

function ByCode({ way, onBack }: { readonly way: WayBack; readonly onBack: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [tries, setTries] = useState(0)
  const { value: standing, error: fault } = useAnswer(() => call('recoveryStanding', way.slot), [way.slot, tries])
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const code = textOfForm(form, 'code')
    run(async () => {
      try {
        await call('recoverWithCode', way.slot, code)
      } catch (thrown) {
        form.reset()
        setTries((before) => before + 1)
        throw thrown
      }
    })
  }
  const waits = standing !== null && standing.waitMs > 0
  return (
    <Gate title={nameOf(words, way)} text={words.t('web.ways.code-text')} onBack={onBack}>
      <form method="post" className={styles.form} onSubmit={submit}>
        {standing !== null && <p role="status">{words.t('recovery.attempts', { count: standing.attemptsLeft })}</p>}
        {waits && <p>{words.t('web.ways.wait', { time: words.duration(Math.ceil(standing.waitMs / 1_000)) })}</p>}
        <Field
          name="code"
          type="password"
          label={way.kind === 'security-code' ? words.t('web.ways.security-code') : words.t('web.ways.passcode-field')}
          maxLength={200}
          required
          autoFocus
        />
        <ErrorText>{error ?? (fault === null ? null : errorWords(words, fault))}</ErrorText>
        <Button look="main" wide type="submit" busy={busy} disabled={standing === null || waits}>
          {words.t('web.recovery.use-go')}
        </Button>
      </form>
    </Gate>
  )
}

function ByRecoveryKey({ onBack }: { readonly onBack: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const text = textOfForm(event.currentTarget, 'key')
    run(() => call('recoverWithKey', text))
  }
  return (
    <Gate title={words.t('web.recovery.use')} text={words.t('web.recovery.use-text')} onBack={onBack}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <Field
          name="key"
          label={words.t('web.recovery.key')}
          hint={words.t('web.recovery.key-form')}
          maxLength={80}
          mono
          required
          autoFocus
        />
        <ErrorText>{error}</ErrorText>
        <Button look="main" wide type="submit" busy={busy}>
          {words.t('web.recovery.use-go')}
        </Button>
      </form>
    </Gate>
  )
}
