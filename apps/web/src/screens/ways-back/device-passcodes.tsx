/** Whose passcode brings a new device back (F2), and what this device has to do so that its own does. */
import { useState, type ReactNode } from 'react'
import { useAnswer } from '@nokkel/ui/action'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button, Field } from '@nokkel/ui/parts'
import type { DeviceInfo, Status } from '../../worker/protocol.ts'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from '../page.module.css'

type Escrow = NonNullable<Status['escrow']>

export function DevicePasscodes({ escrow, version }: { readonly escrow: Escrow; readonly version: number }): ReactNode {
  const words = useWords()
  const { value: devices } = useAnswer(() => call('devices'), [version, escrow.passcode, escrow.passcodes])
  const [asking, setAsking] = useState(false)
  const active = devices?.filter(({ status }) => status === 'active') ?? []
  return (
    <section aria-labelledby="passcodes">
      <h2 id="passcodes">{words.t('web.passcodes')}</h2>
      <p className={styles.quiet}>{words.t('web.passcodes.about')}</p>
      <ul className={styles.cards}>
        {active.map((device) => {
          const standing = standingOf(device, escrow)
          return (
            <li key={device.id} className={styles.card} data-ask={standing !== 'current' || undefined}>
              <Icon name={standing === 'current' ? 'check' : 'warning'} />
              <div className={styles.cardText}>
                <strong>
                  {device.name === '' ? words.label('class', device.class) : device.name}
                  {device.thisDevice && <span className={styles.mark}>{words.t('web.devices.this')}</span>}
                </strong>
                <span>
                  {words.t(`web.passcodes.${standing}`)}
                  {device.thisDevice && standing !== 'current' && escrow.fault !== null && ` ${words.errorText(escrow.fault).message}`}
                </span>
              </div>
              {device.thisDevice && standing !== 'current' && (
                <div className={styles.cardActions}>
                  <Button onPress={() => setAsking(true)}>{words.t('web.passcodes.lay-down')}</Button>
                </div>
              )}
            </li>
          )
        })}
      </ul>
      {asking && <LayDown onClose={() => setAsking(false)} />}
    </section>
  )
}

/** Of others it is known only that there is one, or none. */
function standingOf(device: DeviceInfo, escrow: Escrow): Escrow['passcode'] {
  if (device.thisDevice) return escrow.passcode
  return device.passcodeHeld ? 'current' : 'missing'
}

function LayDown({ onClose }: { readonly onClose: () => void }): ReactNode {
  const words = useWords()
  const layDown = async (field: (name: string) => string): Promise<void> => {
    await call('layDownPasscode', field('passcode'))
    tell(words.t('web.passcodes.laid-down'))
  }
  return (
    <AskDialog title={words.t('web.passcodes.lay-down')} go={words.t('web.passcodes.lay-down')} work={layDown} onClose={onClose}>
      <p>{words.t('web.passcodes.lay-down-text')}</p>
      <Field name="passcode" type="password" label={words.t('web.passcode')} autoComplete="current-password" required autoFocus />
    </AskDialog>
  )
}
