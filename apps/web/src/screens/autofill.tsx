/** What the person decided about filling and saving in browsers (E1, E2, E4): switches, and the lists of sites, which hold on all devices. */
import type { ReactNode } from 'react'
import { useAction, useAnswer } from '@nokkel/ui/action'
import { useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { ErrorText, IconButton } from '@nokkel/ui/parts'
import { Switch } from '@nokkel/ui/parts'
import type { AutofillChanges, Snapshot } from '../worker/protocol.ts'
import styles from './page.module.css'

const switches = ['fillPasswords', 'fillCards', 'offerToSave', 'passkeys'] as const
const lists = [
  ['neverSave', 'autofill.never'],
  ['allowOff', 'autofill.allow'],
] as const

export function Autofill({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { run, error } = useAction()
  const { value: decided } = useAnswer(() => call('autofill'), [snapshot.version])
  const change = (changes: AutofillChanges): void => run(() => call('changeAutofill', changes))
  return (
    <section aria-labelledby="autofill">
      <h2 id="autofill">{words.t('autofill.title')}</h2>
      <p className={styles.quiet}>{words.t('web.autofill.about')}</p>
      <ErrorText>{error}</ErrorText>
      {decided !== null && (
        <div className={styles.group}>
          {switches.map((name) => (
            <Switch
              key={name}
              label={words.t(`autofill.${name}`)}
              on={decided[name]}
              onChange={(on) => change({ switches: { [name]: on } })}
            />
          ))}
        </div>
      )}
      {decided !== null &&
        lists.map(([name, title]) => (
          <div key={name} role="group" aria-label={words.t(title)} className={styles.sites}>
            <h3>{words.t(title)}</h3>
            {decided[name].length === 0 ? (
              <p className={styles.quiet}>{words.t('autofill.no-sites')}</p>
            ) : (
              <ul className={styles.cards}>
                {decided[name].map((site) => (
                  <li key={site} className={styles.card}>
                    <span className={styles.cardText}>{site}</span>
                    <IconButton
                      label={words.t('autofill.remove-site', { site })}
                      icon="close"
                      onPress={() => change({ [name]: { remove: [site] } })}
                    />
                  </li>
                ))}
              </ul>
            )}
          </div>
        ))}
    </section>
  )
}
