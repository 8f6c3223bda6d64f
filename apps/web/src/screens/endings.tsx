/**
 * What ends something: off on all devices (D3), reset (D4), erasing this device (D4), erasing the account, and all that the server holds as a
 * file (H2). What cannot be undone says so, and asks for the account's address.
 */
import { useState, type FormEvent, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, useWords } from '../app/state.tsx'
import { saveFile } from '../app/save-file.ts'
import { call } from '../app/worker-client.ts'
import { keepNoticeLanguage } from '../service-worker/notice-language.ts'
import { Icon, type IconName } from '@nokkel/ui/icon'
import { Dialog } from '@nokkel/ui/dialog'
import { Button, Choice, ErrorText, Field, textOfForm } from '@nokkel/ui/parts'
import type { Snapshot } from '../worker/protocol.ts'
import styles from './page.module.css'

type Ending = 'everywhere' | 'reset' | 'erase' | 'delete-account'

const texts = {
  everywhere: { way: 'web.end.everywhere', text: 'web.end.everywhere-text' },
  reset: { way: 'web.end.reset', text: 'web.end.reset-text' },
  erase: { way: 'web.end.erase', text: 'web.end.erase-text' },
  'delete-account': { way: 'web.end.delete-account', text: 'web.end.delete-account-text' },
} as const

const icons: Readonly<Record<Ending, IconName>> = { everywhere: 'offline', reset: 'warning', erase: 'deleted', 'delete-account': 'deleted' }

export function Endings({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { run, error, busy } = useAction()
  const [asking, setAsking] = useState<Ending | null>(null)
  const { state, status } = snapshot
  const ways: readonly Ending[] = state === 'trusted' ? ['everywhere', 'reset', 'delete-account'] : ['erase']
  return (
    <section aria-labelledby="endings">
      <h2 id="endings">{words.t('web.end.title')}</h2>
      <ErrorText>{asking === null ? error : null}</ErrorText>
      <div className={styles.group}>
        {state === 'trusted' && (
          <button type="button" className={styles.way} disabled={busy} onClick={() => run(saveServerData)}>
            <Icon name="import" />
            <span>{words.t('web.end.export')}</span>
            <Icon name="next" />
          </button>
        )}
        {ways.map((way) => (
          <button key={way} type="button" className={styles.way} data-danger onClick={() => setAsking(way)}>
            <Icon name={icons[way]} />
            <span>{words.t(texts[way].way)}</span>
            <Icon name="next" />
          </button>
        ))}
      </div>
      {asking !== null && <AskEnding ending={asking} email={status?.email ?? ''} onClose={() => setAsking(null)} />}
    </section>
  )
}

const saveServerData = async (): Promise<void> => saveFile('nokkelring-server.json', await call('exportServerData'))

export function AskEnding({
  ending,
  email,
  onClose,
  isLastDevice = false,
}: {
  readonly ending: Ending
  readonly email: string
  readonly onClose: () => void
  /** off here is then off everywhere (LIF-6), which nobody asked for in these words */
  readonly isLastDevice?: boolean
}): ReactNode {
  const words = useWords()
  const { run, busy, error } = useAction()
  const [differs, setDiffers] = useState(false)
  const [copy, setCopy] = useState<'keep' | 'delete'>('keep')
  const [from, setFrom] = useState<'device' | 'nothing'>('device')
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const confirmed = textOfForm(form, 'confirm').trim().toLowerCase() === email.toLowerCase()
    setDiffers(!confirmed)
    if (!confirmed) return
    run(async () => {
      if (ending === 'everywhere') await call('turnOff', copy, true)
      else if (ending === 'reset') await call('resetKeychain', textOfForm(form, 'password'), from)
      else if (ending === 'erase') {
        await call('eraseDevice')
        await keepNoticeLanguage('system').catch(() => undefined)
      } else tell(words.t('web.end.deletion-due', { time: words.dateTime(await call('deleteAccount')) }))
      onClose()
    })
  }
  return (
    <Dialog title={words.t(texts[ending].way)} onClose={onClose}>
      <form method="post" className={styles.form} onSubmit={submit}>
        <p>{words.t(isLastDevice ? 'web.settings.off-last' : texts[ending].text)}</p>
        {ending === 'everywhere' && (
          <Choice
            label={words.t('web.end.copies')}
            value={copy}
            options={[
              ['keep', words.t('web.end.copies-keep')],
              ['delete', words.t('web.end.copies-delete')],
            ]}
            onChange={(value) => setCopy(value === 'delete' ? 'delete' : 'keep')}
          />
        )}
        {ending === 'everywhere' && copy === 'delete' && <p role="alert">{words.t('warn.off-everywhere-delete')}</p>}
        {ending === 'reset' && (
          <>
            <Choice
              label={words.t('web.end.from')}
              value={from}
              options={[
                ['device', words.t('web.end.from-device')],
                ['nothing', words.t('web.end.from-nothing')],
              ]}
              onChange={(value) => setFrom(value === 'nothing' ? 'nothing' : 'device')}
            />
            {from === 'nothing' && <p role="alert">{words.t('warn.reset-empty')}</p>}
            <Field name="password" type="password" label={words.t('web.password')} autoComplete="current-password" required />
          </>
        )}
        <Field
          name="confirm"
          label={words.t('web.end.confirm', { email })}
          error={differs ? words.t('web.end.differs') : null}
          autoComplete="off"
          required
        />
        <ErrorText>{error}</ErrorText>
        <div className={styles.actions}>
          <Button onPress={onClose}>{words.t('web.cancel')}</Button>
          <Button look="danger" type="submit" busy={busy}>
            {words.t(texts[ending].way)}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
