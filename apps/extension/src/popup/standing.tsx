/** What a person should know before all else, and the one thing to do about it: removed, reset, off, signed out, paused, no connection. */
import { lazy, Suspense, useState, type ReactNode } from 'react'
import type { Snapshot, Standing as StandingSeen } from '../protocol.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, ErrorText } from '@nokkel/ui/parts'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

const SignInAgain = lazy(async () => ({ default: (await import('./sign-in-again.tsx')).SignInAgain }))

interface Said {
  readonly tone: 'calm' | 'alarm'
  readonly text: string
  /** what helps: signing in again, or a round that is asked for now */
  readonly act: 'join' | 'sign-in' | 'sync'
}

export function Standing({ state, standing }: { readonly state: Snapshot['state']; readonly standing: StandingSeen }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [signingIn, setSigningIn] = useState(false)
  const said = useSaid(state, standing)
  return (
    <div aria-live="polite">
      {said !== null && (
        <div className={styles.banner} data-tone={said.tone}>
          <Icon name={said.tone === 'calm' ? 'offline' : 'warning'} />
          <p>{said.text}</p>
          {said.act === 'sync' ? (
            <Button look="quiet" busy={busy} onPress={() => run(() => call('sync'))}>
              {words.t('web.try-again')}
            </Button>
          ) : (
            !signingIn && (
              <Button look="quiet" onPress={() => setSigningIn(true)}>
                {words.t(said.act === 'join' ? 'web.banner.join-again' : 'web.welcome.sign-in')}
              </Button>
            )
          )}
          <ErrorText>{error}</ErrorText>
        </div>
      )}
      {said !== null && said.act !== 'sync' && signingIn && (
        <Suspense>
          <SignInAgain state={state} standing={standing} onClose={() => setSigningIn(false)} />
        </Suspense>
      )}
    </div>
  )
}

function useSaid(state: Snapshot['state'], { removal, problem, paused, away, pendingChanges }: StandingSeen): Said | null {
  const words = useWords()
  const reason = (failure: NonNullable<typeof problem>): string => {
    const { message, hint } = words.errorText(failure.code, failure.params)
    return `${message} ${hint}`
  }
  const waiting = pendingChanges > 0 ? ` ${words.t('web.banner.pending', { count: pendingChanges })}` : ''
  if (removal !== null && (state === 'removed' || state === 'reset')) {
    const { byName: name, timeMs, disposition } = removal
    const time = words.dateTime(timeMs)
    const copy = words.t(state === 'removed' && disposition === 'delete' ? 'web.banner.removed-delete' : 'web.banner.removed-keep')
    if (state === 'removed')
      return { tone: 'alarm', text: `${words.t('web.banner.removed', { name: name === '' ? '…' : name, time })} ${copy}`, act: 'join' }
    const who = name === '' ? words.t('web.banner.reset-unknown', { time }) : words.t('web.banner.reset', { name, time })
    return { tone: 'alarm', text: `${who} ${copy}`, act: 'join' }
  }
  if (state === 'off') return { tone: 'calm', text: words.t('web.banner.off'), act: 'join' }
  if (state !== 'trusted') return null
  if (problem?.code === 'session-invalid' || problem?.code === 'not-signed-in')
    return { tone: 'alarm', text: words.t('web.banner.sign-in-again'), act: 'sign-in' }
  if (problem !== null) return { tone: 'alarm', text: reason(problem), act: 'sync' }
  if (paused !== null) return { tone: 'calm', text: `${words.t('sync.paused', { reason: reason(paused) })}${waiting}`, act: 'sync' }
  if (away === null) return null
  const since =
    away.sinceMs === null
      ? `${words.t('web.banner.offline')}.`
      : words.t('web.banner.offline-since', { time: words.dateTime(away.sinceMs) })
  return { tone: 'calm', text: `${since}${waiting}`, act: 'sync' }
}
