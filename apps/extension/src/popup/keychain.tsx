/** The keychain in the popup: what belongs to this tab first, search, requests of other devices, and the way to one item, to the settings and to the lock. */
import { lazy, Suspense, useCallback, useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import type { Found, JoinRequestInfo, PageFindings, Snapshot, TabSeen } from '../protocol.ts'
import { Button, Empty, ErrorText, Field, IconButton, textOfForm } from '@nokkel/ui/parts'
import { atOpening, call } from './background.ts'
import { copyForAWhile } from './clipboard.ts'
import styles from './popup.module.css'
import { Rows } from './rows.tsx'
import { before, type Guard, type View } from './views.ts'
import { Standing } from './standing.tsx'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

/** with the words of the doctor, which the first rows do not wait for */
const WhyNot = lazy(async () => ({ default: (await import('./why-not.tsx')).WhyNot }))
const Settings = lazy(async () => ({ default: (await import('./settings.tsx')).Settings }))

/** with the words of items and the form, which the first rows do not wait for */
const ItemPages = lazy(async () => ({ default: (await import('./item-pages.tsx')).ItemPages }))

export function Keychain({ snapshot }: { readonly snapshot: Snapshot }): ReactNode {
  const words = useWords()
  const [view, setView] = useState<View>({ page: 'list' })
  const [news, setNews] = useState('')
  const guard = useRef<Guard | null>(null)
  const { tab } = atOpening()
  const { state, standing } = snapshot
  const isOn = state === 'trusted'
  /** Nothing that was typed goes without a question. */
  const leave = useCallback((go: () => void) => {
    if (guard.current === null) go()
    else guard.current(go)
  }, [])
  const show = useCallback((next: View) => {
    setNews('')
    setView(next)
  }, [])
  const back = useCallback(() => leave(() => show(before(view))), [leave, show, view])
  const isList = view.page === 'list'
  useEffect(() => {
    if (isList) return
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return
      // the browser would close the popup, with all that was typed in it
      event.preventDefault()
      back()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [isList, back])
  const pageOfItem = view.page !== 'list' && view.page !== 'settings' ? view : null
  const site = /^https?:/.test(tab.url) ? new URL(tab.url).origin : ''
  return (
    <main className={styles.keychain}>
      <header className={styles.bar}>
        {isList ? (
          <h1 className={styles.title}>{words.t('web.app')}</h1>
        ) : (
          <IconButton label={words.t('web.back')} icon="back" onPress={back} />
        )}
        <span className={styles.grow} />
        {isOn && <IconButton label={words.t('web.add')} icon="plus" onPress={() => leave(() => show({ page: 'kinds' }))} />}
        <IconButton label={words.t('web.nav.settings')} icon="settings" onPress={() => leave(() => show({ page: 'settings' }))} />
        <IconButton label={words.t('web.nav.lock')} icon="lock" onPress={() => leave(() => void call('lock'))} />
      </header>
      {standing !== null && <Standing state={state} standing={standing} />}
      {snapshot.joinRequests.map((request) => (
        <Request key={request.requestId} request={request} />
      ))}
      {(isOn || (standing?.items ?? 0) > 0) && (
        // stays while an item is shown: what was looked for, and where one was in the list
        <div className={styles.list} hidden={!isList}>
          <List
            snapshot={snapshot}
            tab={tab}
            isShown={isList}
            onNews={setNews}
            onOpen={(id) => show({ page: 'item', id })}
            onAdd={() => show({ page: 'new', kind: 'password' })}
          />
        </div>
      )}
      {view.page === 'settings' && (
        <Suspense>
          <Settings snapshot={snapshot} />
        </Suspense>
      )}
      {pageOfItem !== null && (
        <Suspense>
          <ItemPages view={pageOfItem} snapshot={snapshot} site={site} guard={guard} onShow={show} onLeave={back} onNews={setNews} />
        </Suspense>
      )}
      <p className={styles.news} role="status">
        {news}
      </p>
    </main>
  )
}

function List({
  snapshot,
  tab,
  isShown,
  onNews,
  onOpen,
  onAdd,
}: {
  readonly snapshot: Snapshot
  readonly tab: TabSeen
  readonly isShown: boolean
  readonly onNews: (text: string) => void
  readonly onOpen: (id: string) => void
  readonly onAdd: () => void
}): ReactNode {
  const words = useWords()
  const [text, setText] = useState('')
  /** `foundFor`: what was looked for when it was found */
  const [{ found, foundFor }, setResult] = useState<{ readonly found: Found | null; readonly foundFor: string }>({
    found: atOpening().found,
    foundFor: '',
  })
  const [page, setPage] = useState<PageFindings | null>(null)
  const latest = useRef(0)
  const { version, autofill } = snapshot
  // a copy that is kept is looked at and not filled from (D2, B3)
  const isOn = snapshot.state === 'trusted'
  /** for which the rows of the opening are right */
  const known = useRef(atOpening().found === null ? -1 : version)
  useEffect(() => {
    if (text === '' && known.current === version) return
    known.current = -1
    const turn = ++latest.current
    call('find', text, tab.url).then(
      (answer) => turn === latest.current && setResult({ found: answer, foundFor: text }),
      // locked or taken away meanwhile: what was shown before must not stay
      () => turn === latest.current && setResult({ found: null, foundFor: text }),
    )
  }, [text, tab.url, version])
  // Enter acts on the first row, as its button does; on that of what was typed, and not of what stood there before
  const rows = useRef<HTMLDivElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const entered = useRef(false)
  const canEnter = foundFor === text && (text !== '' || (found?.matches.length ?? 0) > 0)
  const enter = useCallback(() => {
    entered.current = !canEnter && text !== ''
    if (canEnter) rows.current?.querySelector<HTMLButtonElement>('[data-first]')?.click()
  }, [canEnter, text])
  useEffect(() => {
    if (entered.current && canEnter) enter()
  }, [canEnter, enter])
  const look = useCallback(() => {
    if (tab.id >= 0) call('findings', tab.id).then(setPage, () => undefined)
  }, [tab.id])
  useEffect(look, [look, version, autofill])
  const plain = text === '' && page !== null
  const onList = new Set(found?.matches.map(({ id }) => id))
  const inFrames = plain ? page.inFrames.filter(({ id }) => !onList.has(id)) : []
  /** what was opened gets the focus again */
  const opened = useRef('')
  useEffect(() => {
    if (!isShown || opened.current === '') return
    const row = rows.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(opened.current)}"]`)
    opened.current = ''
    ;(row ?? search.current)?.focus()
  }, [isShown])
  const shown = {
    tab,
    onNews,
    onOpen: (id: string): void => {
      opened.current = id
      onOpen(id)
    },
  }
  return (
    <>
      <input
        ref={search}
        className={styles.search}
        type="search"
        aria-label={words.t('web.search')}
        placeholder={words.t('web.search')}
        autoFocus
        onChange={(event) => {
          entered.current = false
          setText(event.target.value)
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') enter()
        }}
      />
      <div className={styles.scroll} ref={rows}>
        {found !== null && found.matches.length > 0 && (
          <Rows title={words.t('extension.site-matches')} items={found.matches} canFill={isOn} {...shown} />
        )}
        {inFrames.length > 0 && <Rows title={words.t('extension.in-frames')} items={inFrames} canFill {...shown} />}
        {plain && page.cards.length > 0 && (
          <Rows
            title={words.t('extension.cards')}
            items={page.cards.map(({ item }) => item)}
            details={new Map(page.cards.map(({ item, detail }) => [item.id, detail]))}
            canFill
            {...shown}
          />
        )}
        {found !== null && found.others.length > 0 && (
          <Rows title={words.t('extension.others')} items={found.others} canFill={false} {...shown} />
        )}
        {found !== null && found.matches.length + found.others.length === 0 && (
          <Empty icon="search" title={words.t(text === '' ? 'web.list.empty.all' : 'web.list.nothing-found')} />
        )}
      </div>
      {plain && page.suggested && <Suggested tabId={tab.id} onNews={onNews} />}
      {plain && (
        <Suspense>
          <WhyNot causes={page.causes} why={page.why} onAdd={onAdd} />
        </Suspense>
      )}
    </>
  )
}

/** A strong password that a page was given and that is not saved yet: so that it is not lost whatever the page does. */
function Suggested({ tabId, onNews }: { readonly tabId: number; readonly onNews: (text: string) => void }): ReactNode {
  const words = useWords()
  const { error, run } = useAction()
  return (
    <div className={styles.suggested}>
      <span>{words.t('extension.suggested')}</span>
      <IconButton
        label={words.t('extension.copy-password')}
        icon="copy"
        onPress={() =>
          run(async () => {
            await copyForAWhile(await call('suggestion', tabId))
            onNews(words.t('web.copied', { seconds: 60 }))
          })
        }
      />
      <ErrorText>{error}</ErrorText>
    </div>
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
