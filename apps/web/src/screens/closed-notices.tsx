/** The switch for notices while the app is closed (F9). */
import { useEffect, useState, type ReactNode } from 'react'
import { pushState, turnOffPush, turnOnPush, type PushState } from '../app/push.ts'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { Button, ErrorText } from '@nokkel/ui/parts'
import styles from './page.module.css'

export function ClosedNotices(): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const [state, setState] = useState<PushState | null>(null)
  useEffect(() => {
    void pushState().then(setState, () => setState('missing'))
  }, [])
  if (state === null) return null
  const change = (work: () => Promise<void>): void =>
    run(async () => {
      try {
        await work()
      } finally {
        setState(await pushState())
      }
    })
  return (
    <div>
      <div className={styles.deviceLockText}>
        <strong>{words.t('web.push')}</strong>
        <span>{words.t(`web.push.${state}`)}</span>
        <ErrorText>{error}</ErrorText>
      </div>
      {state === 'on' && (
        <Button busy={busy} onPress={() => change(turnOffPush)}>
          {words.t('web.push.turn-off')}
        </Button>
      )}
      {state === 'off' && (
        <Button busy={busy} onPress={() => change(turnOnPush)}>
          {words.t('web.push.turn-on')}
        </Button>
      )}
    </div>
  )
}
