/** The keychain in the popup: what belongs to this tab first, search, copy, fill, add, requests of other devices, settings, lock. */
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { browser } from '../browser.ts'
import type { Found, ItemSummary, JoinRequestInfo, Snapshot } from '../protocol.ts'
import { Icon, type IconName } from '../ui/icon.tsx'
import { Button, Choice, Empty, ErrorText, Field, IconButton, textOfForm } from '../ui/parts.tsx'
import { call } from './background.ts'
import { copyForAWhile } from './clipboard.ts'
import styles from './popup.module.css'
import { useAction, useWords } from './state.tsx'

type View = 'list' | 'add' | 'settings'
interface Tab {
  readonly id: number
  readonly url: string
}

export function Keychain({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const [view, setView] = useState<View>('list')
  const [tab, setTab] = useState<Tab>({ id: -1, url: '' })
  const [news, setNews] = useState('')
  useEffect(() => {
    void browser.tabs.query({ active: true, currentWindow: true }).then(([found]) => setTab({ id: found?.id ?? -1, url: found?.url ?? '' }))
  }, [])
  return (
    <main className={styles.keychain}>
      <header className={styles.bar}>
        {view === 'list' ? (
          <strong>{words.t('web.app')}</strong>
        ) : (
          <IconButton label={words.t('web.back')} icon="back" onPress={() => setView('list')} />
        )}
        <span className={styles.grow} />
        <IconButton label={words.t('web.add')} icon="plus" onPress={() => setView('add')} />
        <IconButton label={words.t('web.nav.settings')} icon="settings" onPress={() => setView('settings')} />
        <IconButton label={words.t('web.nav.lock')} icon="lock" onPress={() => void call('lock')} />
      </header>
      {snapshot.joinRequests.map((request) => (
        <Request key={request.requestId} request={request} />
      ))}
      {view === 'list' && <List version={snapshot.version} tab={tab} onNews={setNews} />}
      {view === 'add' && <Add site={tab.url} onDone={() => setView('list')} />}
      {view === 'settings' && <Settings snapshot={snapshot} />}
      <p className={styles.news} role="status">
        {news}
      </p>
    </main>
  )
}

function List({
  version,
  tab,
  onNews,
}: {
  readonly version: number
  readonly tab: Tab
  readonly onNews: (text: string) => void
}): ReactNode {
  const words = useWords()
  const [text, setText] = useState('')
  const [found, setFound] = useState<Found | null>(null)
  const latest = useRef(0)
  useEffect(() => {
    const turn = ++latest.current
    call('find', text, tab.url).then(
      (answer) => turn === latest.current && setFound(answer),
      () => undefined,
    )
  }, [text, tab.url, version])
  return (
    <>
      <input
        className={styles.search}
        type="search"
        aria-label={words.t('web.search')}
        placeholder={words.t('web.search')}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <div className={styles.scroll}>
        {found !== null && found.matches.length > 0 && (
          <Rows title={words.t('extension.site-matches')} items={found.matches} tab={tab} canFill onNews={onNews} />
        )}
        {found !== null && found.others.length > 0 && (
          <Rows title={words.t('extension.others')} items={found.others} tab={tab} canFill={false} onNews={onNews} />
        )}
        {found !== null && found.matches.length + found.others.length === 0 && (
          <Empty icon="search" title={words.t(text === '' ? 'web.list.empty.all' : 'web.list.nothing-found')} />
        )}
      </div>
    </>
  )
}

const icons: Readonly<Record<string, IconName>> = { password: 'password', passkey: 'passkey', card: 'card', wifi: 'wifi', note: 'note' }

function Rows({
  title,
  items,
  tab,
  canFill,
  onNews,
}: {
  readonly title: string
  readonly items: readonly ItemSummary[]
  readonly tab: Tab
  readonly canFill: boolean
  readonly onNews: (text: string) => void
}): ReactNode {
  const words = useWords()
  const { error, run } = useAction()
  const copy = (get: () => Promise<string>): void =>
    run(async () => {
      await copyForAWhile(await get())
      onNews(words.t('web.copied', { seconds: 60 }))
    })
  return (
    <section aria-label={title}>
      <h2 className={styles.heading}>{title}</h2>
      <ErrorText>{error}</ErrorText>
      <ul className={styles.rows}>
        {items.map((item) => (
          <li key={item.id} className={styles.row}>
            <Icon name={icons[item.kind] ?? 'note'} />
            <div className={styles.names}>
              <span>{item.title === '' ? words.t('web.item.untitled') : item.title}</span>
              {item.username !== '' && <small>{item.username}</small>}
            </div>
            {item.username !== '' && (
              <IconButton label={words.t('extension.copy-username')} icon="copy" onPress={() => copy(async () => item.username)} />
            )}
            {item.kind === 'password' && (
              <IconButton
                label={words.t('extension.copy-password')}
                icon="password"
                onPress={() => copy(() => call('reveal', item.id, 'password'))}
              />
            )}
            {item.hasTotp && (
              <IconButton
                label={words.t('extension.copy-code')}
                icon="activity"
                onPress={() => copy(() => call('verificationCode', item.id))}
              />
            )}
            {canFill && item.kind === 'password' && (
              <Button
                look="main"
                onPress={() => run(async () => onNews(words.label('extension.fill', await call('fill', item.id, tab.id))))}
              >
                {words.t('extension.fill')}
              </Button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Add({ site, onDone }: { readonly site: string; readonly onDone: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const password = useRef<HTMLInputElement | HTMLTextAreaElement | null>(null)
  const origin = /^https?:/.test(site) ? new URL(site).origin : ''
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    run(async () => {
      await call('add', textOfForm(form, 'title'), textOfForm(form, 'site'), textOfForm(form, 'username'), textOfForm(form, 'password'))
      onDone()
    })
  }
  return (
    <form method="post" className={styles.page} onSubmit={submit}>
      <h1>{words.t('web.edit.new.password')}</h1>
      <Field name="title" label={words.t('field.title')} initial={origin === '' ? '' : new URL(origin).hostname} required autoFocus />
      <Field name="site" label={words.t('field.site')} initial={origin} />
      <Field name="username" label={words.t('field.username')} />
      <Field
        name="password"
        type="password"
        label={words.t('field.password')}
        inputRef={(element) => {
          password.current = element
        }}
        action={
          <Button
            look="quiet"
            icon="dice"
            onPress={() =>
              run(async () => {
                if (password.current !== null) password.current.value = await call('generate')
              })
            }
          >
            {words.t('web.edit.generate')}
          </Button>
        }
      />
      <ErrorText>{error}</ErrorText>
      <Button look="main" wide type="submit" busy={busy}>
        {words.t('web.save')}
      </Button>
    </form>
  )
}

function Request({ request }: { readonly request: JoinRequestInfo }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const code = textOfForm(event.currentTarget, 'code').replaceAll(/\D/g, '')
    run(() => call('approve', request.requestId, code))
  }
  return (
    <form method="post" className={styles.request} onSubmit={submit}>
      <strong>{words.t('extension.requests')}</strong>
      <span>
        {request.name} · {words.label('class', request.class)} · {words.dateTime(request.createdMs)}
      </span>
      <Field name="code" label={words.t('web.join.code')} inputMode="numeric" required />
      <ErrorText>{error}</ErrorText>
      <div className={styles.actions}>
        <Button look="main" type="submit" busy={busy}>
          {words.t('web.devices.approve')}
        </Button>
        <Button disabled={busy} onPress={() => run(() => call('decline', request.requestId))}>
          {words.t('web.devices.decline')}
        </Button>
      </div>
    </form>
  )
}

function Settings({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const { error, run } = useAction()
  const { autoLockMinutes, language } = snapshot.settings
  return (
    <div className={styles.page}>
      <h1>{words.t('web.nav.settings')}</h1>
      <Choice
        label={words.t('extension.auto-lock')}
        value={String(autoLockMinutes)}
        options={[1, 5, 15, 60, 240].map((count) => [String(count), words.t('extension.auto-lock-minutes', { count })] as const)}
        onChange={(value) => run(() => call('changeSettings', { autoLockMinutes: Number(value) }))}
      />
      <Choice
        label={words.t('web.language')}
        value={language}
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
