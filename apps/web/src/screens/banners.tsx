/** What the user should know wherever they are (A6, B3, F9): offline, removed, off, alarms, notices, and devices that want to join. */
import { isErrorCode } from '@nokkel/base'
import type { Messages } from '@nokkel/messages/app'
import { useState, type ReactNode } from 'react'
import { go, useAction, useWords, type Page } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Button } from '../ui/parts.tsx'
import type { Snapshot } from '../worker/protocol.ts'
import { DeviceLockOffer } from './device-lock.tsx'
import { SignInAgain } from './sign-in-again.tsx'
import styles from './shell.module.css'

type Notice = NonNullable<Snapshot['status']>['notices'][number]

/** An alarm names an error; its words are the error's. */
function noticeText(words: Messages, { kind, params }: Notice): string {
  const code = params['code']
  const message = typeof code === 'string' && isErrorCode(code) ? words.errorText(code, params).message : '…'
  return words.labelWith('notice', kind, { message, ...params })
}

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
          {words.t('web.banner.off')}
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
      {status.notices.length > 0 && (
        <Banner
          long={status.notices.length > 1}
          icon={status.notices.some(({ kind }) => kind === 'alarm') ? 'warning' : 'activity'}
          tone={status.notices.some(({ kind }) => kind === 'alarm') ? 'alarm' : 'calm'}
          action={
            <Button
              look="quiet"
              onPress={() =>
                run(() =>
                  call(
                    'acknowledge',
                    status.notices.map(({ id }) => id),
                  ),
                )
              }
            >
              {words.t('web.banner.seen')}
            </Button>
          }
        >
          {status.notices.length > 3 && `${words.t('web.banner.notices', { count: status.notices.length })}: `}
          {status.notices
            .slice(-3)
            .map((notice) => noticeText(words, notice))
            .join(' ')}
        </Banner>
      )}
      {signingIn && <SignInAgain state={state} status={status} onClose={() => setSigningIn(false)} />}
    </div>
  )
}

function Banner({
  icon,
  tone,
  children,
  action,
  long = false,
}: {
  readonly icon: IconName
  readonly tone: 'calm' | 'ask' | 'alarm'
  readonly children: ReactNode
  readonly action?: ReactNode
  /** on a telephone it would take the page's place: a few lines, and all of it when asked for */
  readonly long?: boolean
}): ReactNode {
  const words = useWords()
  const [open, setOpen] = useState(false)
  return (
    <div className={styles.banner} data-tone={tone} data-clamped={(long && !open) || undefined}>
      <Icon name={icon} />
      <p>{children}</p>
      {long && !open && (
        <span className={styles.bannerMore}>
          <Button look="quiet" onPress={() => setOpen(true)}>
            {words.t('web.more')}
          </Button>
        </span>
      )}
      {action}
    </div>
  )
}
