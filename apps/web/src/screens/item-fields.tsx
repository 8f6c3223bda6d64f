/** What the web app adds to the fields of an item (`@nokkel/ui/item-fields`): copying, the code as it runs, and the picture of a network. */
import { isNokkelError } from '@nokkel/base'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { CodeLine } from '@nokkel/ui/item-fields'
import { Button, ErrorText } from '@nokkel/ui/parts'
import { clearAfterSeconds, copyForAWhile } from '../app/clipboard.ts'
import { showCodes, useCode, useCodesHidden } from '../app/codes.ts'
import { tell, tellError, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import styles from './item.module.css'

const QrCode = lazy(async () => ({ default: (await import('../ui/qr-code.tsx')).QrCode }))

export function useCopy(): (get: () => Promise<string>) => void {
  const words = useWords()
  return (get) => {
    void get()
      .then(copyForAWhile)
      .then(
        () => tell(words.t('web.copied', { seconds: clearAfterSeconds })),
        (error: unknown) => (isNokkelError(error) ? tellError(words, error) : tell(words.t('web.copy-failed'))),
      )
  }
}

/** A picture for the camera of whoever is to join the network; it holds the network's password, so it is asked for like one (C1). */
export function JoinWifi({ id }: { readonly id: string }): ReactNode {
  const words = useWords()
  const [text, setText] = useState<string | null>(null)
  const { run, error, busy } = useAction()
  return (
    <div className={styles.join}>
      {text === null ? (
        <Button busy={busy} onPress={() => run(async () => setText(await call('wifiText', id)))}>
          {words.t('web.wifi.show')}
        </Button>
      ) : (
        <>
          <Suspense fallback={null}>
            <QrCode text={text} label={words.t('web.wifi.code')} />
          </Suspense>
          <p className={styles.quiet}>{words.t('web.wifi.about')}</p>
          <Button onPress={() => setText(null)}>{words.t('web.wifi.hide')}</Button>
        </>
      )}
      <ErrorText>{error}</ErrorText>
    </div>
  )
}

export function VerificationCode({ id }: { readonly id: string }): ReactNode {
  const copy = useCopy()
  return (
    <CodeLine
      {...useCode(id)}
      hidden={useCodesHidden()}
      onShow={() => void showCodes().catch(() => undefined)}
      onCopy={() => copy(async () => (await call('verificationCode', id)).code)}
    />
  )
}
