/** Which screen: by where this device stands. What only an unlocked keychain needs is loaded when there is one. */
import { isNokkelError } from '@nokkel/base'
import { lazy, Suspense, useLayoutEffect, useRef, useSyncExternalStore, type ReactNode } from 'react'
import { useProofQuestion } from '@nokkel/ui/proof'
import { errorWords } from '@nokkel/ui/action'
import { useNews, useRoute, useSnapshot, useTouch, useWords } from '../app/state.tsx'
import { failureAtStart, subscribe } from '../app/worker-client.ts'
import { Button, Empty, Spinner } from '@nokkel/ui/parts'
import styles from './gate.module.css'
import { loadShell } from './load-shell.ts'
import { Locked } from './locked.tsx'
import { UpdateNotice } from './update-notice.tsx'
import { Welcome } from './welcome.tsx'

const Shell = lazy(async () => ({ default: (await loadShell()).Shell }))
const ProofDialog = lazy(async () => ({ default: (await import('./proof-dialog.tsx')).ProofDialog }))
const HelpGate = lazy(async () => ({ default: (await import('./help/help.tsx')).HelpGate }))
const Joining = lazy(async () => ({ default: (await import('./joining.tsx')).Joining }))

export function App(): ReactNode {
  useTouch()
  return (
    <>
      <Suspense fallback={<Loading />}>
        <Screen />
      </Suspense>
      <Question />
      <UpdateNotice />
      <News />
    </>
  )
}

function Question(): ReactNode {
  const question = useProofQuestion()
  return question === null ? null : (
    <Suspense fallback={null}>
      <ProofDialog question={question} />
    </Suspense>
  )
}

function Screen(): ReactNode {
  const snapshot = useSnapshot()
  const failure = useSyncExternalStore(subscribe, failureAtStart)
  const words = useWords()
  const { page, category } = useRoute()
  const missing = isNokkelError(failure, 'offline')
  if (failure !== null && snapshot === null)
    return (
      <main className={styles.gate}>
        <Empty
          whole
          icon={missing ? 'offline' : 'warning'}
          title={missing ? words.t('web.not-loaded') : errorWords(words, failure)}
          text={missing ? words.t('web.not-loaded-text') : undefined}
        >
          <Button onPress={() => location.reload()}>{words.t('web.reload')}</Button>
        </Empty>
      </main>
    )
  if (snapshot === null) return <Loading />
  // help is for everybody, also where the keychain does not open; a lock that comes while help is read shows the lock
  const gated = snapshot.state === 'empty' || snapshot.state === 'locked' || snapshot.state === 'signed-in'
  if (page === 'help' && category === 'closed' && gated) return <HelpGate snapshot={snapshot} />
  if (snapshot.state === 'empty') return <Welcome />
  if (snapshot.state === 'locked') return <Locked authenticator={snapshot.authenticator} />
  if (snapshot.state === 'signed-in') return <Joining snapshot={snapshot} />
  return <Shell snapshot={snapshot} />
}

function Loading(): ReactNode {
  const words = useWords()
  return (
    <main className={styles.gate} aria-busy="true">
      <p className={styles.loading}>
        <Spinner /> {words.t('web.loading')}
      </p>
    </main>
  )
}

function News(): ReactNode {
  const news = useNews()
  const place = useRef<HTMLDivElement>(null)
  // over an open dialog too, which the browser puts above everything
  useLayoutEffect(() => {
    const element = place.current
    if (element === null || !('showPopover' in element)) return
    const isOpen = element.matches(':popover-open')
    if (isOpen && document.querySelector('dialog:modal') === null) return
    if (isOpen) element.hidePopover()
    element.showPopover()
  }, [news])
  return (
    <div ref={place} popover="manual" className={styles.news} role="status" aria-live="polite">
      {news !== '' && <p>{news}</p>}
    </div>
  )
}
