/** Signed in, but not trusted (A5): the code to be typed elsewhere, how long it is valid, and the way out. A7: progress until all is here. */
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react'
import { useAction, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, Spinner } from '@nokkel/ui/parts'
import type { Snapshot } from '../worker/protocol.ts'
import { Gate } from './gate.tsx'
import { OtherWays } from './other-ways.tsx'
import styles from './gate.module.css'

const QrCode = lazy(async () => ({ default: (await import('../ui/qr-code.tsx')).QrCode }))

export function Joining({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [byItself, setByItself] = useState(false)
  const { joinEnded, joinProgress, status } = snapshot
  const ticket = status?.joinRequest ?? null
  const ended = joinEnded === null ? null : words.errorText(joinEnded.code, joinEnded.params).message

  if (joinProgress !== null && joinProgress.phase !== 'waiting')
    return (
      <Gate title={words.t('web.join.fetching')}>
        <progress
          className={styles.progress}
          aria-label={words.t('web.join.fetching')}
          {...(joinProgress.total > 0 ? { value: joinProgress.done, max: joinProgress.total } : {})}
        />
        <p className={styles.small} role="status">
          {words.label('phase', joinProgress.phase)}{' '}
          {joinProgress.total > 0 && `${words.number(joinProgress.done)} / ${words.number(joinProgress.total)}`}
        </p>
      </Gate>
    )
  if (byItself) return <OtherWays onBack={() => setByItself(false)} />
  const other = (
    <Button look="quiet" wide disabled={busy} onPress={() => setByItself(true)}>
      {words.t('web.ways.title')}
    </Button>
  )
  if (ticket === null)
    return (
      <Gate title={words.t('web.join.asked-not')} text={words.t('web.join.asked-not-text')}>
        <ErrorText>{error ?? ended}</ErrorText>
        <div className={styles.actions}>
          <Button look="main" wide busy={busy} onPress={() => run(() => call('requestJoin'))}>
            {words.t('web.join.ask')}
          </Button>
          {other}
          <Button wide disabled={busy} onPress={() => run(() => call('signOut'))}>
            {words.t('web.join.sign-out')}
          </Button>
        </div>
      </Gate>
    )
  return (
    <Gate title={words.t('web.join.title')} text={words.t('web.join.text')}>
      <p className={styles.code} role="img" aria-label={`${words.t('web.join.code')}: ${[...ticket.code].join(' ')}`}>
        <span>{ticket.code.slice(0, 3)}</span>
        <span>{ticket.code.slice(3)}</span>
      </p>
      <Scannable />
      <p className={styles.waiting} role="status">
        <Spinner /> {words.t('web.join.waiting')}
      </p>
      <Left untilMs={ticket.expiresMs} />
      <ErrorText>{error}</ErrorText>
      <div className={styles.actions}>
        {other}
        <Button wide busy={busy} onPress={() => run(() => call('withdrawJoin'))}>
          {words.t('web.join.cancel')}
        </Button>
      </div>
    </Gate>
  )
}

/** it is spent by the first run with it, and over after two minutes */
const lookAgainMs = 5_000

/** The same request as a QR code, always one that can be used (JOIN-11). */
function Scannable(): ReactNode {
  const words = useWords()
  const [turn, setTurn] = useState(0)
  const { value } = useAnswer(() => call('joinQr'), [turn])
  useEffect(() => {
    const timer = setInterval(() => setTurn((before) => before + 1), lookAgainMs)
    return () => clearInterval(timer)
  }, [])
  return (
    <>
      <Suspense fallback={<span className={styles.qrSpace} />}>
        {value === null ? <span className={styles.qrSpace} /> : <QrCode text={value.text} label={words.t('web.join.qr')} />}
      </Suspense>
      <p className={styles.small}>{words.t('web.join.qr-text')}</p>
    </>
  )
}

function Left({ untilMs }: { readonly untilMs: number }): ReactNode {
  const words = useWords()
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  return <p className={styles.small}>{words.t('web.join.left', { time: words.duration(Math.max(0, (untilMs - now) / 1_000)) })}</p>
}
