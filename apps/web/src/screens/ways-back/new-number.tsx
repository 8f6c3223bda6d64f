/** A new number (F4, F5): the passcode, then a code that came to the new one; nothing changes before. Also for a device that the support let. */
import { useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Button, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { SentVerification } from '../../worker/protocol.ts'
import styles from '../page.module.css'
import { digitsOf, SentCode } from './sent-code.tsx'

interface Props {
  readonly hasOld: boolean
  /** one more beside the account's own (F2), instead of another in its place */
  readonly further?: boolean
  readonly onClose: () => void
  readonly onChanged: (lastDigits: string) => void
}

export function NewNumber({ hasOld, further = false, onClose, onChanged }: Props): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const form = useRef<HTMLFormElement>(null)
  const [sent, setSent] = useState<SentVerification | null>(null)
  const send = (): Promise<SentVerification> => {
    const { current } = form
    if (current === null) return Promise.reject(new Error('no form'))
    return call(further ? 'addNumber' : 'changeNumber', textOfForm(current, 'number'), textOfForm(current, 'passcode'))
  }
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const code = digitsOf(textOfForm(event.currentTarget, 'code'))
    run(async () => {
      // the key that ends a line does what the button says
      if (sent === null) return setSent(await send())
      await call(further ? 'confirmAddedNumber' : 'confirmNumber', sent.id, code)
      onChanged(sent.lastDigits)
    })
  }
  const cancel = <Button onPress={onClose}>{words.t('web.cancel')}</Button>
  return (
    <form ref={form} method="post" className={styles.form} onSubmit={submit}>
      <p>{words.t(further ? 'web.number.add-text' : hasOld ? 'web.number.change-text' : 'web.number.choose-text')}</p>
      <Field
        name="number"
        label={words.t('web.number.new')}
        hint={words.t('web.number.form')}
        inputMode="tel"
        autoComplete="tel"
        maxLength={32}
        required
        autoFocus
        readOnly={sent !== null}
      />
      <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required />
      <SentCode sent={sent} onSent={setSent} send={send} beside={cancel} />
      <ErrorText>{error}</ErrorText>
      {sent !== null && (
        <div className={styles.actions}>
          {cancel}
          <Button look="main" type="submit" busy={busy}>
            {words.t('web.number.use')}
          </Button>
        </div>
      )}
    </form>
  )
}
