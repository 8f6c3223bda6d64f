/**
 * The security code of an account with two factors off (F3): set, changed, taken away. A trusted device needs no old code, so a forgotten one
 * costs nothing here (F6), and why a code is too weak is said while it is typed.
 */
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Icon } from '@nokkel/ui/icon'
import { Button, Choice, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from '../page.module.css'
import own from './ways-back.module.css'

interface Props {
  readonly set: boolean
  readonly numberEnd: string | null
  readonly known: boolean
  readonly onMade: (code: string) => void
}

const kinds = ['digits', 'own', 'random'] as const
type Kind = (typeof kinds)[number]

export function SecurityCode({ set, numberEnd, known, onMade }: Props): ReactNode {
  const words = useWords()
  const [asking, setAsking] = useState<'choose' | 'remove' | null>(null)
  const close = (): void => setAsking(null)
  return (
    <section aria-labelledby="security-code">
      <h2 id="security-code">{words.t('web.ways.security-code')}</h2>
      <div className={own.state} data-set={set || undefined}>
        <Icon name={set ? 'check' : 'warning'} />
        <p>{words.t(set ? 'web.security-code.is' : 'web.security-code.is-not')}</p>
      </div>
      <p className={styles.quiet}>{words.t('web.security-code.about')}</p>
      {known && numberEnd === null && <p role="alert">{words.t('web.security-code.number-first')}</p>}
      <div className={own.buttons}>
        <Button look={set ? 'plain' : 'main'} disabled={!known || numberEnd === null} onPress={() => setAsking('choose')}>
          {words.t(set ? 'web.security-code.change' : 'web.security-code.set')}
        </Button>
        {set && (
          <Button look="danger" onPress={() => setAsking('remove')}>
            {words.t('web.security-code.remove')}
          </Button>
        )}
      </div>
      {set && <p className={styles.quiet}>{words.t('web.security-code.forgot')}</p>}
      {asking === 'choose' && <Choose onClose={close} onMade={onMade} />}
      {asking === 'remove' && (
        <AskDialog
          title={words.t('web.security-code.remove-ask')}
          go={words.t('web.security-code.remove')}
          look="danger"
          work={async () => {
            await call('removeSecurityCode')
            tell(words.t('security-code.removed'))
          }}
          onClose={close}
        >
          <p>{words.t('web.security-code.remove-text')}</p>
        </AskDialog>
      )}
    </section>
  )
}

function Choose({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: (code: string) => void }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [kind, setKind] = useState<Kind>('digits')
  const [differs, setDiffers] = useState(false)
  const input = useRef<HTMLInputElement | HTMLTextAreaElement | null>(null)
  const weakness = useWeakness(input, kind)
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const code = textOfForm(form, 'code')
    const same = kind === 'random' || code === textOfForm(form, 'again')
    setDiffers(!same)
    if (!same) return
    run(async () => {
      const made = await call('setSecurityCode', kind === 'random' ? { kind } : { kind, code })
      onClose()
      if (made === null) tell(words.t('security-code.set'))
      else onMade(made)
    })
  }
  return (
    <Dialog title={words.t('web.security-code.set')} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <Choice
          label={words.t('web.security-code.kind')}
          value={kind}
          options={kinds.map((each) => [each, words.t(`web.security-code.kind.${each}`)])}
          onChange={(value) => {
            setDiffers(false)
            setKind(kinds.find((each) => each === value) ?? 'digits')
          }}
        />
        <p className={styles.quiet}>{words.t(`web.security-code.kind-about.${kind}`)}</p>
        {kind !== 'random' && (
          <>
            <Field
              key={`code ${kind}`}
              name="code"
              type="password"
              label={words.t('web.ways.security-code')}
              error={weakness === null ? null : words.errorText('weak-security-code', { reason: weakness }).message}
              inputMode={kind === 'digits' ? 'numeric' : 'text'}
              maxLength={128}
              autoComplete="new-password"
              required
              autoFocus
              inputRef={(element) => (input.current = element)}
            />
            <Field
              key={`again ${kind}`}
              name="again"
              type="password"
              label={words.t('web.security-code.again')}
              error={differs ? words.t('web.security-code.differs') : null}
              inputMode={kind === 'digits' ? 'numeric' : 'text'}
              maxLength={128}
              autoComplete="new-password"
              required
            />
          </>
        )}
        <ErrorText>{error}</ErrorText>
        <div className={styles.actions}>
          <Button onPress={onClose}>{words.t('web.cancel')}</Button>
          <Button look="main" type="submit" busy={busy} disabled={weakness !== null}>
            {words.t(kind === 'random' ? 'web.security-code.make' : 'web.security-code.set')}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

/** Asked from the worker with each key, where the list of common codes is. Nothing typed: nothing to say yet. */
function useWeakness(input: { readonly current: HTMLInputElement | HTMLTextAreaElement | null }, kind: Kind): string | null {
  const [weakness, setWeakness] = useState<string | null>(null)
  useEffect(() => {
    const element = input.current
    setWeakness(null)
    if (element === null || kind === 'random') return
    let latest = 0
    const judge = (): void => {
      const turn = ++latest
      if (element.value === '') return setWeakness(null)
      call('securityCodeReason', kind, element.value).then(
        (reason) => turn === latest && setWeakness(reason),
        () => undefined,
      )
    }
    element.addEventListener('input', judge)
    return () => {
      latest = -1
      element.removeEventListener('input', judge)
    }
  }, [kind])
  return weakness
}
