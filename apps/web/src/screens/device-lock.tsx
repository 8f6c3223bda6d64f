/** This device's own lock (C1): turned on and off in the settings, offered once when the keychain has been turned on. */
import { useEffect, useState, type ReactNode } from 'react'
import { hasPlatformAuthenticator, turnOnAuthenticator } from '../app/authenticator.ts'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../app/state.tsx'
import { call, turnedOnHere } from '../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, ErrorText } from '@nokkel/ui/parts'
import type { Snapshot } from '../worker/protocol.ts'
import styles from './page.module.css'
import shell from './shell.module.css'

function useHasOne(): boolean | null {
  const [has, setHas] = useState<boolean | null>(null)
  useEffect(() => {
    void hasPlatformAuthenticator().then(setHas)
  }, [])
  return has
}

export function DeviceLock({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const has = useHasOne()
  const { busy, error, run } = useAction()
  const isOn = snapshot.authenticator !== null
  const name = snapshot.status?.email ?? ''
  return (
    <div>
      <div className={styles.deviceLockText}>
        <strong>{words.t('web.device-lock')}</strong>
        <span>{words.t(isOn ? 'web.device-lock.is-on' : has === false ? 'web.device-lock.none' : 'web.device-lock.about')}</span>
        <ErrorText>{error}</ErrorText>
      </div>
      {isOn ? (
        <Button
          busy={busy}
          onPress={() =>
            run(async () => {
              await call('removeAuthenticator')
              tell(words.t('web.device-lock.turned-off'))
            })
          }
        >
          {words.t('web.device-lock.off')}
        </Button>
      ) : (
        has === true && (
          <Button
            busy={busy}
            onPress={() =>
              run(async () => {
                await turnOnAuthenticator(name)
                tell(words.t('web.device-lock.turned-on'))
              })
            }
          >
            {words.t('web.device-lock.on')}
          </Button>
        )
      )}
    </div>
  )
}

let answered = false

/** Once, in the window in which the keychain was turned on. */
export function DeviceLockOffer({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const has = useHasOne()
  const { busy, error, run } = useAction()
  const [done, setDone] = useState(answered)
  const close = (): void => {
    answered = true
    setDone(true)
  }
  if (done || has !== true || snapshot.authenticator !== null || snapshot.state !== 'trusted' || !turnedOnHere()) return null
  return (
    <div className={shell.banner} data-tone="calm">
      <Icon name="fingerprint" />
      <p>
        {words.t('web.device-lock.offer')} {error}
      </p>
      <Button look="quiet" onPress={close}>
        {words.t('web.device-lock.not-now')}
      </Button>
      <Button
        busy={busy}
        onPress={() =>
          run(async () => {
            await turnOnAuthenticator(snapshot.status?.email ?? '')
            close()
            tell(words.t('web.device-lock.turned-on'))
          })
        }
      >
        {words.t('web.device-lock.on')}
      </Button>
    </div>
  )
}
