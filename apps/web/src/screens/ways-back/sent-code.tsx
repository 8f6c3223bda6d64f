/**
 * A code by SMS, inside a form (F3, F4, F8): sent, sent again after half a minute, what became of the message as the gateway knows it, and the
 * field for the six digits. What they are for is the form's affair.
 */
import { useEffect, useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Button, ErrorText, Field } from '@nokkel/ui/parts'
import type { SentVerification, VerificationDelivery } from '../../worker/protocol.ts'
import styles from '../page.module.css'

/** People type the gap that they see. */
export const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

const lookEveryMs = 3_000
const looksMost = 40

interface Props {
  readonly sent: SentVerification | null
  readonly onSent: (sent: SentVerification) => void
  readonly send: () => Promise<SentVerification>
  /** of the number it will go to, where that is known before */
  readonly numberEnd?: string
  /** sending is not what the form mainly asks for */
  readonly quiet?: boolean
  readonly wide?: boolean
  /** the other answer of the form, beside the button as long as that is what the form does */
  readonly beside?: ReactNode
}

export function SentCode({ sent, onSent, send, numberEnd, quiet = false, wide = false, beside }: Props): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  const wait = sent === null ? 0 : Math.max(0, Math.ceil((sent.resendAfterMs - now) / 1_000))
  return (
    <>
      {sent === null && numberEnd !== undefined && <p>{words.t('web.sms.goes-to', { digits: numberEnd })}</p>}
      {sent !== null && (
        <p role="status">
          {words.t('web.ways.sent', { digits: sent.lastDigits })} <Delivery id={sent.id} />
        </p>
      )}
      {sent !== null && (
        <Field
          key={sent.id}
          name="code"
          label={words.t('web.ways.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={12}
          mono
          required
          autoFocus
        />
      )}
      <ErrorText>{error}</ErrorText>
      <div className={wide ? styles.actionsColumn : sent === null && beside !== undefined ? styles.actions : styles.actionsStart}>
        {sent === null && beside}
        <Button
          wide={wide}
          look={sent !== null ? 'quiet' : quiet ? 'plain' : 'main'}
          busy={busy}
          disabled={wait > 0}
          onPress={() =>
            run(async () => {
              onSent(await send())
              setNow(Date.now())
            })
          }
        >
          {wait > 0
            ? words.t('web.ways.send-again', { time: words.duration(wait) })
            : words.t(sent === null ? 'web.ways.send' : 'web.sms.again')}
        </Button>
      </div>
    </>
  )
}

/** Asked for until it has arrived or failed, and for two minutes at most. */
function Delivery({ id }: { readonly id: string }): ReactNode {
  const words = useWords()
  const [delivery, setDelivery] = useState<VerificationDelivery | null>(null)
  useEffect(() => {
    let looks = 0
    const look = async (): Promise<void> => {
      looks++
      // what is not known is not said
      const known = await call('verificationStatus', id).catch(() => null)
      if (known !== null) setDelivery(known)
      if (known?.state === 'delivered' || known?.state === 'failed' || looks >= looksMost) clearInterval(timer)
    }
    const timer = setInterval(() => void look(), lookEveryMs)
    void look()
    return () => clearInterval(timer)
  }, [id])
  if (delivery === null) return null
  const state = words.label('sms', delivery.state)
  return (
    <span className={styles.quiet} data-state={delivery.state}>
      {words.t('web.sms.state', {
        state: delivery.reason === null ? state : `${state}, ${words.label('sms-reason', delivery.reason)}`,
      })}
    </span>
  )
}
