/**
 * What devices in browsers may do (SPEC CIR-23): shown on each, changed on those that are not limited. A browser cannot limit its own kind, so the
 * web app sets it for the extension, and names where its own is set.
 */
import { useState, type ReactNode } from 'react'
import { useAction, useAnswer } from '@nokkel/ui/action'
import { tell, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, Choice, ErrorText } from '@nokkel/ui/parts'
import type { ClassPolicy as Policy, ClassReach, DeviceInfo, Snapshot } from '../worker/protocol.ts'
import styles from './page.module.css'

const reaches = ['full', 'no-membership', 'off'] as const satisfies ClassReach[]

/** Null until it is known; this browser may change who is in the circle where `web` is `full`. */
export function useClassPolicy(snapshot: Snapshot): Policy | null {
  const trusted = snapshot.state === 'trusted'
  return useAnswer(() => (trusted ? call('classPolicy') : Promise.resolve(null)), [trusted, snapshot.version]).value
}

export function ClassPolicy({ policy, devices }: { readonly policy: Policy; readonly devices: readonly DeviceInfo[] }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState<ClassReach | null>(null)
  const limited = policy.web !== 'full'
  const going = asking === 'off' ? devices.filter((device) => device.class === 'extension' && device.status === 'active') : []
  const set = (reach: ClassReach, deleteCopy: boolean): void =>
    run(async () => {
      await call('setClassPolicy', { extension: reach }, deleteCopy)
      setAsking(null)
      tell(words.t('web.policy.changed'))
    })
  return (
    <section aria-labelledby="browsers">
      <h2 id="browsers">{words.t('web.policy')}</h2>
      <p className={styles.quiet}>{words.t('web.policy.about')}</p>
      <ErrorText>{asking === null ? error : null}</ErrorText>
      <div className={styles.group}>
        <div>
          <span className={styles.policyName}>{words.t('policy.class.web')}</span>
          <span className={styles.quiet}>{words.t(`policy.reach.${policy.web}`)}</span>
          <span className={styles.policyWhere}>{words.t(limited ? 'web.policy.limited' : 'web.policy.elsewhere')}</span>
        </div>
        {limited ? (
          <div>
            <span className={styles.policyName}>{words.t('policy.class.extension')}</span>
            <span className={styles.quiet}>{words.t(`policy.reach.${policy.extension}`)}</span>
          </div>
        ) : (
          <Choice
            label={words.t('policy.class.extension')}
            value={policy.extension}
            options={reaches.map((reach) => [reach, words.t(`web.policy.reach.${reach}`)])}
            onChange={(value) => setAsking(reaches.find((reach) => reach === value) ?? null)}
          />
        )}
      </div>
      {asking !== null && (
        <Dialog title={words.t('web.policy.ask', { reach: words.t(`web.policy.reach.${asking}`) })} onClose={() => setAsking(null)}>
          <p>{words.t(`web.policy.text.${asking}`)}</p>
          {going.length > 0 && (
            <p role="alert">
              {words.t('web.policy.going', {
                names: going.map(({ name }) => (name === '' ? words.label('class', 'extension') : name)).join(', '),
              })}
            </p>
          )}
          <ErrorText>{error}</ErrorText>
          <div className={styles.actionsColumn}>
            {going.length > 0 && (
              <Button look="danger" wide busy={busy} onPress={() => set(asking, true)}>
                {words.t('web.policy.delete-copies')}
              </Button>
            )}
            <Button look={going.length > 0 ? 'danger' : 'main'} wide busy={busy} onPress={() => set(asking, false)}>
              {words.t(going.length > 0 ? 'web.policy.keep-copies' : 'web.policy.change')}
            </Button>
            <Button wide onPress={() => setAsking(null)}>
              {words.t('web.cancel')}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  )
}
