/** Six digits that are typed on a new device when it comes back by a passcode (F2): the second factor beside the password. */
import { useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Button, ErrorText } from '@nokkel/ui/parts'
import styles from '../page.module.css'
import own from './ways-back.module.css'

export function DeviceCode(): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [shown, setShown] = useState<{ readonly code: string; readonly expiresMs: number } | null>(null)
  return (
    <section aria-labelledby="device-code">
      <h2 id="device-code">{words.t('web.device-code')}</h2>
      <p className={styles.quiet}>{words.t('web.device-code.about')}</p>
      {shown !== null && (
        <p className={own.deviceCode} role="status">
          <span>{shown.code.replace(/(.{3})(?=.{3})/, '$1 ')}</span>
          <span className={styles.quiet}>{words.t('web.device-code.until', { time: words.dateTime(shown.expiresMs) })}</span>
        </p>
      )}
      <ErrorText>{error}</ErrorText>
      <div className={own.buttons}>
        <Button busy={busy} onPress={() => run(async () => setShown(await call('deviceCode')))}>
          {words.t('web.device-code.show')}
        </Button>
      </div>
    </section>
  )
}
