/**
 * A recovery key or security code of the app's making: shown this once, in groups, printable, and left only by somebody who can read it off
 * their paper. A page of its own, since a dialog is closed by a slip.
 */
import { lazy, Suspense, useState, type FormEvent, type ReactNode } from 'react'
import { useWords } from '../../app/state.tsx'
import { Button, Field, textOfForm } from '@nokkel/ui/parts'
import type { Status } from '../../worker/protocol.ts'
import styles from '../page.module.css'
import own from './ways-back.module.css'

const QrCode = lazy(async () => ({ default: (await import('../../ui/qr-code.tsx')).QrCode }))

export interface Made {
  readonly what: 'recovery-key' | 'security-code'
  readonly text: string
}

const wordsOf = {
  'recovery-key': { name: 'web.recovery.key', title: 'web.recovery.sheet-title', text: 'web.recovery.sheet-text' },
  'security-code': { name: 'web.ways.security-code', title: 'web.security-code.sheet-title', text: 'web.security-code.sheet-text' },
} as const

interface Props {
  readonly made: Made
  readonly status: Status | null
  readonly onDone: () => void
}

export function ShownOnce({ made: { what, text }, status, onDone }: Props): ReactNode {
  const words = useWords()
  const [differs, setDiffers] = useState(false)
  const groups = text.split(/[^A-Z0-9]+/i).filter((group) => group !== '')
  const { name, title, text: about } = wordsOf[what]
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const typed = textOfForm(event.currentTarget, 'last').replaceAll(/\W/g, '').toUpperCase()
    if (typed === groups.at(-1)?.toUpperCase()) onDone()
    else setDiffers(true)
  }
  return (
    <div className={styles.page}>
      <div className={own.sheet}>
        <h1>{words.t(title)}</h1>
        <p>{words.t(about)}</p>
        <div className={own.keyAndCode}>
          <ol className={own.key} aria-label={words.t(name)}>
            {groups.map((group, i) => (
              <li key={`${i} ${group}`}>{group}</li>
            ))}
          </ol>
          {what === 'recovery-key' && (
            <Suspense fallback={<span className={own.codeSpace} />}>
              <QrCode text={text} label={words.t('web.recovery.qr')} />
            </Suspense>
          )}
        </div>
        <p className={styles.quiet}>
          {status?.email} · {status?.server}
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
