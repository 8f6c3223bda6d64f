/** Rows of items, with what can be done with one: open, copy, fill. A secret is fetched at the press and goes to the clipboard or the page alone. */
import { useEffect, useState, type ReactNode } from 'react'
import { browser } from '../browser.ts'
import type { ItemSummary, TabSeen } from '../protocol.ts'
import { Icon, type IconName } from '@nokkel/ui/icon'
import { Button, ErrorText, IconButton } from '@nokkel/ui/parts'
import { call } from './background.ts'
import { copyForAWhile } from './clipboard.ts'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

const icons: Readonly<Record<string, IconName>> = { password: 'password', passkey: 'passkey', card: 'card', wifi: 'wifi', note: 'note' }

/** What one copies of a kind before all else. A card's security code is not among it, because there is none in the keychain (E5). */
const mainFields: Readonly<Record<string, { readonly name: string; readonly label: CopyLabel; readonly icon: IconName }>> = {
  password: { name: 'password', label: 'extension.copy-password', icon: 'password' },
  card: { name: 'number', label: 'extension.copy-card-number', icon: 'copy' },
  wifi: { name: 'password', label: 'extension.copy-password', icon: 'password' },
  note: { name: 'notes', label: 'extension.copy-note', icon: 'copy' },
}
type CopyLabel = 'extension.copy-password' | 'extension.copy-card-number' | 'extension.copy-note'

/** The first address of an item that a tab may be sent to: what another manager or a hand wrote there may be anything. */
function siteOf({ sites }: ItemSummary): URL | null {
  for (const site of sites) {
    // with a port and no scheme, the host would be taken for one
    const text = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(site) ? site : `https://${site}`
    if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  }
  return null
}

const firstRows = 10

interface RowsProps {
  readonly title: string
  readonly items: readonly ItemSummary[]
  /** instead of the user name */
  readonly details?: ReadonlyMap<string, string>
  readonly tab: TabSeen
  readonly canFill: boolean
  readonly onOpen: (id: string) => void
  readonly onNews: (text: string) => void
}

export function Rows({ title, items, details, tab, canFill, onOpen, onNews }: RowsProps): ReactNode {
  const words = useWords()
  const { error, run } = useAction()
  // what the window shows at once comes first, the rest when that is painted
  const [painted, setPainted] = useState(false)
  useEffect(() => setPainted(true), [])
  const shown = painted ? items : items.slice(0, firstRows)
  /** the item and the other origin that a yes is waited for (E6) */
  const [asked, setAsked] = useState<{ readonly id: string; readonly origin: string; readonly bySaying: boolean } | null>(null)
  const copy = (get: () => Promise<string>): void =>
    run(async () => {
      const text = await get()
      if (text !== '') await copyForAWhile(text)
      onNews(text === '' ? words.t('extension.copy-nothing') : words.t('web.copied', { seconds: 60 }))
    })
  const fill = (id: string, confirmed: string): void =>
    run(async () => {
      const { outcome, origin, bySaying = false } = await call('fill', id, tab.id, confirmed)
      setAsked(outcome === 'ask' ? { id, origin, bySaying } : null)
      onNews(words.label('extension.fill', outcome))
    })
  return (
    <section aria-label={title}>
      <h2 className={styles.heading}>{title}</h2>
      <ErrorText>{error}</ErrorText>
      <ul className={styles.rows}>
        {shown.map((item) => {
          const detail = details?.get(item.id) ?? item.username
          const main = mainFields[item.kind]
          const fills = canFill && (item.kind === 'password' || item.kind === 'card')
          const site = fills ? null : siteOf(item)
          return (
            <li key={item.id} className={styles.row}>
              <Icon name={icons[item.kind] ?? 'note'} />
              <button type="button" className={styles.names} data-item={item.id} onClick={() => onOpen(item.id)}>
                <span>{item.title === '' ? words.t('web.item.untitled') : item.title}</span>
                {detail !== '' && <small>{detail}</small>}
              </button>
              {item.username !== '' && (item.kind === 'password' || item.kind === 'passkey') && (
                <IconButton label={words.t('extension.copy-username')} icon="copy" onPress={() => copy(async () => item.username)} />
              )}
              {main !== undefined && (
                <IconButton
                  label={words.t(main.label)}
                  icon={main.icon}
                  first={!fills && site === null}
                  onPress={() => copy(() => call('reveal', item.id, main.name))}
                />
              )}
              {item.hasTotp && (
                <IconButton
                  label={words.t('extension.copy-code')}
                  icon="activity"
                  onPress={() => copy(() => call('verificationCode', item.id).then(({ code }) => code))}
                />
              )}
              {site !== null && (
                <IconButton
                  label={words.t('extension.open-site', { site: site.host })}
                  icon="open"
                  first
                  onPress={() => run(async () => void (await browser.tabs.create({ url: site.href })))}
                />
              )}
              {fills && (
                <Button look="main" first onPress={() => fill(item.id, '')}>
                  {words.t('extension.fill')}
                </Button>
              )}
              {asked?.id === item.id && (
                <div className={styles.ask} role="alert">
                  <p>{words.t(asked.bySaying ? 'extension.fill-said-site' : 'extension.fill-in-origin', { origin: asked.origin })}</p>
                  <div className={styles.actions}>
                    <Button look="main" onPress={() => fill(item.id, asked.origin)}>
                      {words.t('extension.fill-anyway')}
                    </Button>
                    <Button onPress={() => setAsked(null)}>{words.t('web.cancel')}</Button>
                  </div>
                </div>
              )}
            </li>
          )
        })}
      </ul>
    </section>
  )
}
