/** What the user should know wherever they are (A6, B3, F9): offline, removed, off, alarms, notices, and devices that want to join. */
import { useState, type ReactNode } from 'react'
import type { Page } from '../app/pages.ts'
import { useAction } from '@nokkel/ui/action'
import { go, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Button } from '@nokkel/ui/parts'
import type { Snapshot } from '../worker/protocol.ts'
import { Banner } from './banner.tsx'
import { DeviceLockOffer } from './device-lock.tsx'
import { NoticeBanner } from './notice-banner.tsx'
import { SignInAgain } from './sign-in-again.tsx'
import styles from './shell.module.css'

export function Banners({ snapshot, page }: { readonly snapshot: Snapshot; readonly page: Page }): ReactNode {
  const words = useWords()
  const [signingIn, setSigningIn] = useState(false)
  const { run, busy } = useAction()
  const { state, status, problem, joinRequests } = snapshot
  if (status === null) return null
  const again = (
    <Button look="quiet" onPress={() => setSigningIn(true)}>
      {words.t(state === 'trusted' ? 'web.welcome.sign-in' : 'web.banner.join-again')}
    </Button>
  )
  const signedOut = state === 'trusted' && (problem?.code === 'session-invalid' || problem?.code === 'not-signed-in')
  const [first] = joinRequests
  return (
    <div className={styles.banners} aria-live="polite">
      {state === 'removed' && status.removal !== null && (
        <Banner icon="warning" tone="alarm" action={again}>
          {words.t('web.banner.removed', { name: status.removal.byName || '…', time: words.dateTime(status.removal.timeMs) })}{' '}
          {words.t(status.removal.disposition === 'keep' ? 'web.banner.removed-keep' : 'web.banner.removed-delete')}
        </Banner>
      )}
      {state === 'reset' && status.removal !== null && (
        <Banner icon="warning" tone="alarm" action={again}>
          {status.removal.byName === ''
            ? words.t('web.banner.reset-unknown', { time: words.dateTime(status.removal.timeMs) })
            : words.t('web.banner.reset', { name: status.removal.byName, time: words.dateTime(status.removal.timeMs) })}{' '}
          {words.t('web.banner.removed-keep')}
        </Banner>
      )}
      {state === 'off' && (
        <Banner icon="offline" tone="calm" action={again}>
          {words.t(status.items === 0 ? 'web.banner.off-empty' : 'web.banner.off')}
        </Banner>
      )}
      {signedOut && (
        <Banner icon="warning" tone="alarm" action={again}>
          {words.t('web.banner.sign-in-again')}
        </Banner>
      )}
      {problem !== null && !signedOut && state === 'trusted' && (
        <Banner
          icon="warning"
          tone="alarm"
          action={
            <Button look="quiet" busy={busy} onPress={() => run(() => call('sync'))}>
              {words.t('web.try-again')}
            </Button>
          }
        >
          {words.errorText(problem.code, problem.params).message} {words.errorText(problem.code, problem.params).hint}
        </Banner>
      )}
      {state === 'trusted' && problem === null && status.paused !== null && (
        <Banner icon="offline" tone="calm">
          {words.t('sync.paused', { reason: words.errorText(status.paused.code, status.paused.params).message })}{' '}
          {words.errorText(status.paused.code, status.paused.params).hint}{' '}
          {status.pendingChanges > 0 && words.t('web.banner.pending', { count: status.pendingChanges })}
        </Banner>
      )}
      {state === 'trusted' &&
        problem === null &&
        status.paused === null &&
        !status.online &&
        !snapshot.connecting &&
        status.lastSyncMs !== null && (
          <Banner icon="offline" tone="calm">
            {status.offlineSinceMs === null
              ? words.t('web.banner.offline')
              : words.t('web.banner.offline-since', { time: words.dateTime(status.offlineSinceMs) })}{' '}
            {status.pendingChanges > 0 && words.t('web.banner.pending', { count: status.pendingChanges })}
          </Banner>
        )}
      <DeviceLockOffer snapshot={snapshot} />
      {first !== undefined && page !== 'devices' && (
        <Banner
          icon="devices"
          tone="ask"
          action={
            <Button look="quiet" onPress={() => go('devices')}>
              {words.t('web.banner.see')}
            </Button>
          }
        >
          {words.t('web.banner.requests', { count: joinRequests.length })}: {first.name}
        </Banner>
      )}
      <NoticeBanner state={state} notices={status.notices} />
      {signingIn && <SignInAgain state={state} status={status} onClose={() => setSigningIn(false)} />}
    </div>
  )
}
