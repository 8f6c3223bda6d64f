/** Settings: the switches (E1) and lists of sites (E2, E4), which hold on all devices; the automatic lock, the question who is there and the language, which are this browser's. */
import type { ReactNode } from 'react'
import type { AutofillChanges, Snapshot } from '../protocol.ts'
import { Choice, ErrorText, IconButton, Switch } from '@nokkel/ui/parts'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

const switches = [
  ['fillPasswords', 'autofill.fillPasswords'],
  ['fillCards', 'autofill.fillCards'],
  ['offerToSave', 'autofill.offerToSave'],
  ['passkeys', 'autofill.passkeys'],
] as const

export function Settings({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { error, run } = useAction()
  const { settings, autofill } = snapshot
  const minutes = [1, 5, 15, 60, 240].map((count) => [String(count), words.t('extension.auto-lock-minutes', { count })] as const)
  const change = (changes: AutofillChanges): void => run(() => call('changeAutofill', changes))
  return (
    <div className={styles.settings}>
      <h1>{words.t('web.nav.settings')}</h1>
      <section aria-labelledby="autofill">
        <h2 id="autofill">{words.t('autofill.title')}</h2>
        <div className={styles.switches}>
          {switches.map(([name, label]) => (
            <Switch key={name} label={words.t(label)} on={autofill[name]} onChange={(on) => change({ switches: { [name]: on } })} />
          ))}
          <Switch label={words.t('extension.autofill.apart')} on={autofill.apart} onChange={(apart) => change({ apart })} />
        </div>
        <p className={styles.lead}>{words.t(autofill.apart ? 'extension.autofill.apart-on' : 'extension.autofill.apart-off')}</p>
      </section>
      <Sites title={words.t('autofill.never')} sites={autofill.neverSave} onRemove={(site) => change({ neverSave: { remove: [site] } })} />
      <Sites title={words.t('autofill.allow')} sites={autofill.allowOff} onRemove={(site) => change({ allowOff: { remove: [site] } })} />
      <Choice
        label={words.t('extension.auto-lock')}
        value={String(settings.autoLockMinutes)}
        options={minutes}
        onChange={(value) => run(() => call('changeSettings', { autoLockMinutes: Number(value) }))}
      />
      <Choice
        label={words.t('web.settings.proof')}
        value={String(settings.proofMinutes)}
        options={minutes}
        onChange={(value) => run(() => call('changeSettings', { proofMinutes: Number(value) }))}
      />
      <Choice
        label={words.t('web.language')}
        value={settings.language}
        options={[
          ['system', words.t('extension.language.system')],
          ['nb', 'Norsk'],
          ['en', 'English'],
        ]}
        onChange={(value) => run(() => call('changeSettings', { language: value === 'nb' || value === 'en' ? value : 'system' }))}
      />
      <ErrorText>{error}</ErrorText>
    </div>
  )
}

function Sites({
  title,
  sites,
  onRemove,
}: {
  readonly title: string
  readonly sites: readonly string[]
  readonly onRemove: (site: string) => void
}): ReactNode {
  const words = useWords()
  return (
    <section aria-label={title}>
      <h2>{title}</h2>
      {sites.length === 0 ? (
        <p className={styles.lead}>{words.t('autofill.no-sites')}</p>
      ) : (
        <ul className={styles.rows}>
          {sites.map((site) => (
            <li key={site} className={styles.row}>
              <span className={styles.names}>{site}</span>
              <IconButton label={words.t('autofill.remove-site', { site })} icon="close" onPress={() => onRemove(site)} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
