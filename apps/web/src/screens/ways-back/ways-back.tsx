/**
 * Ways back (F1 … F10): what brings a new device in when no other is at hand. With two factors on that is the passcode of a device (F2), with
 * two factors off the security code after an SMS (F3), and the recovery key always. Only what applies now is shown.
 */
import { useState, type ReactNode } from 'react'
import { errorWords, useAnswer } from '@nokkel/ui/action'
import { go, tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { ErrorText, IconButton } from '@nokkel/ui/parts'
import type { Snapshot } from '../../worker/protocol.ts'
import { useClassPolicy } from '../class-policy.tsx'
import styles from '../page.module.css'
import { DeviceCode } from './device-code.tsx'
import { DevicePasscodes } from './device-passcodes.tsx'
import { RecoveryKey } from './recovery-key.tsx'
import { RecoveryServices } from './recovery-services.tsx'
import { SecurityCode } from './security-code.tsx'
import { ShownOnce, type Made } from './shown-once.tsx'
import { TwoFactor } from './two-factor.tsx'
import { VerificationNumber } from './verification-number.tsx'

export function WaysBack({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const [made, setMade] = useState<Made | null>(null)
  const { status, state } = snapshot
  const twoFactor = status?.twoFactor !== false
  const trusted = state === 'trusted'
  const policy = useClassPolicy(snapshot)
  const writable = trusted && (policy === null || policy.web === 'full')
  const escrow = status?.escrow ?? null
  const { value: info, error } = useAnswer(
    () => (trusted ? call('waysBackInfo') : Promise.resolve(null)),
    [snapshot.version, twoFactor, trusted, status?.online],
  )
  const services = info?.services ?? null
  // a question to the person does not wait at the end of the page
  const changed = services?.standing === 'changed'
  const numberEnd = info?.verification.numberEnd ?? null
  const seen = (): void => {
    tell(words.t(made?.what === 'recovery-key' ? 'web.recovery.created' : 'security-code.set'))
    setMade(null)
  }
  if (made !== null) return <ShownOnce made={made} status={status} onDone={seen} />
  return (
    <div className={styles.page}>
      <div className={styles.withBack}>
        <IconButton label={words.t('web.back')} icon="back" onPress={() => go('settings')} />
        <h1>{words.t('web.recovery.title')}</h1>
      </div>
      <p className={styles.quiet}>{words.t('web.recovery.about')}</p>
      {trusted && !writable && <p role="status">{words.t('web.policy.no-ways')}</p>}
      {writable && (
        <>
          <ErrorText>{error === null || status?.online === false ? null : errorWords(words, error)}</ErrorText>
          {changed && <RecoveryServices services={services} />}
          <TwoFactor on={twoFactor} numberEnd={numberEnd} known={info !== null} />
          {twoFactor && escrow !== null && <DevicePasscodes escrow={escrow} version={snapshot.version} />}
          {twoFactor && <DeviceCode />}
          {!twoFactor && (
            <SecurityCode
              set={status?.escrow?.securityCode === true}
              numberEnd={numberEnd}
              known={info !== null}
              onMade={(text) => setMade({ what: 'security-code', text })}
            />
          )}
          <VerificationNumber twoFactor={twoFactor} info={info} online={status?.online === true} />
          {!changed && <RecoveryServices services={services} />}
        </>
      )}
      <RecoveryKey has={status?.recoveryKey === true} writable={writable} onMade={(text) => setMade({ what: 'recovery-key', text })} />
    </div>
  )
}
