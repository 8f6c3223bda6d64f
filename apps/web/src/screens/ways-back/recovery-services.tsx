/** Who holds what brings a device back (ESC-4), and the question when the server suddenly names others: nobody but the person can answer it. */
import { useState, type ReactNode } from 'react'
import { tell, useWords } from '../../app/state.tsx'
import { call } from '../../app/worker-client.ts'
import { Icon } from '@nokkel/ui/icon'
import { Button } from '@nokkel/ui/parts'
import type { RecoveryServices as Services } from '../../worker/protocol.ts'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from '../page.module.css'
import own from './ways-back.module.css'

export function RecoveryServices({ services }: { readonly services: Services | null }): ReactNode {
  const words = useWords()
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
        <AskDialog
          title={words.t('web.services.accept')}
          go={words.t('web.services.accept')}
          look="danger"
          work={async () => {
            await call('acceptRealms')
            setAccepted(services)
            tell(words.t('web.services.accepted'))
          }}
          onClose={() => setAsking(false)}
        >
          <p>{words.t('web.services.accept-text')}</p>
        </AskDialog>
      )}
    </section>
  )
}
