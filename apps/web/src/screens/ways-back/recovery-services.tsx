/** Who holds what brings a device back (ESC-4), and the question when the server suddenly names others: nobody but the person can answer it. */
import { useState, type ReactNode } from 'react'
import { tell, useAction, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Button, ErrorText } from '../../ui/parts.tsx'
import type { RecoveryServices as Services } from '../../worker/protocol.ts'
import styles from '../page.module.css'
import own from './ways-back.module.css'

export function RecoveryServices({ services }: { readonly services: Services | null }): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [asking, setAsking] = useState(false)
  const [accepted, setAccepted] = useState<Services | null>(null)
  if (services === null) return null
  const changed = services.standing === 'changed' && accepted !== services
  const hosts = services.addresses.map((address) => address.replace(/^https?:\/\//, ''))
  return (
    <section aria-labelledby="services">
      <h2 id="services">{words.t('web.services')}</h2>
      <div className={own.state} data-set={!changed || undefined} {...(changed ? { role: 'alert' } : {})}>
        <Icon name={changed ? 'warning' : 'recovery'} />
        <p>
          {changed
            ? words.errorText('realms-changed').message
            : words.t('web.services.about', { count: hosts.length, needed: services.needed })}
        </p>
      </div>
      <ul className={styles.plainList}>
        {hosts.map((host) => (
          <li key={host} className={own.host}>
            {host}
          </li>
        ))}
      </ul>
      {changed && (
        <div className={own.buttons}>
          <Button onPress={() => setAsking(true)}>{words.t('web.services.accept')}</Button>
        </div>
      )}
      {asking && (
        <Dialog title={words.t('web.services.accept')} onClose={() => setAsking(false)}>
          <p>{words.t('web.services.accept-text')}</p>
          <ErrorText>{error}</ErrorText>
          <div className={styles.actions}>
            <Button onPress={() => setAsking(false)}>{words.t('web.cancel')}</Button>
            <Button
              look="danger"
              busy={busy}
              onPress={() =>
                run(async () => {
                  await call('acceptRealms')
                  setAccepted(services)
                  setAsking(false)
                  tell(words.t('web.services.accepted'))
                })
              }
            >
              {words.t('web.services.accept')}
            </Button>
          </div>
        </Dialog>
      )}
    </section>
  )
}
