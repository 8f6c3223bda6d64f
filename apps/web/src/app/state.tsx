/** React's view of the app: the snapshot, the words of the reader's language, the route, and short news at the edge of the window. */
import { loadMessages, pickLanguage, type Language, type Messages } from '@nokkel/messages/app'
import { isNokkelError } from '@nokkel/base'
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import { I18nProvider } from 'react-aria-components/I18nProvider'
import type { Snapshot } from '../worker/protocol.ts'
import { pages, type Page } from './pages.ts'
import { call, currentSnapshot, subscribe } from './worker-client.ts'

export function useSnapshot(): Snapshot | null {
  return useSyncExternalStore(subscribe, currentSnapshot)
}

interface WordsValue {
  readonly words: Messages
  readonly chooseLanguage: (language: Language) => void
}
const WordsContext = createContext<WordsValue | null>(null)

const subscribeLanguages = (listener: () => void): (() => void) => {
  addEventListener('languagechange', listener)
  return () => removeEventListener('languagechange', listener)
}
const languageOfBrowser = (): Language => pickLanguage(navigator.languages)

/** The setting of the device where it is known, else what was chosen in this visit, else the browser's languages, which can change while we run. */
export function WordsProvider({ first, children }: { readonly first: Messages; readonly children: ReactNode }): ReactNode {
  const setting = useSnapshot()?.settings.language ?? 'system'
  const [chosen, setChosen] = useState<Language | null>(null)
  const browsers = useSyncExternalStore(subscribeLanguages, languageOfBrowser)
  const language = setting !== 'system' ? setting : (chosen ?? browsers)
  const [words, setWords] = useState(first)
  useEffect(() => {
    let wanted = true
    // without a network, and not kept here: the words that there are
    if (language !== words.language)
      loadMessages(language).then(
        (loaded) => wanted && setWords(loaded),
        () => undefined,
      )
    return () => {
      wanted = false
    }
  }, [language, words])
  useEffect(() => {
    document.documentElement.lang = words.language
    document.title = words.t('web.app') === 'Nøkkelring' ? 'Nøkkelring' : 'Nøkkelring – keychain'
  }, [words])
  const value = useMemo(() => ({ words, chooseLanguage: setChosen }), [words])
  return (
    <WordsContext value={value}>
      <I18nProvider locale={words.language === 'nb' ? 'nb-NO' : 'en-GB'}>{children}</I18nProvider>
    </WordsContext>
  )
}

export function useWords(): Messages {
  return useLanguage().words
}
export function useLanguage(): WordsValue {
  const value = useContext(WordsContext)
  if (value === null) throw new Error('outside WordsProvider')
  return value
}

/** The words for anything thrown by a call. */
export function errorWords(words: Messages, error: unknown): string {
  const { message, hint } = isNokkelError(error) ? words.errorText(error.code, error.params) : words.errorText('internal')
  return `${message} ${hint}`
}

/** News of what a call threw. Whoever said no knows that they did. */
export function tellError(words: Messages, error: unknown): void {
  if (!isNokkelError(error, 'cancelled')) tell(errorWords(words, error))
}

/** What one does with a call: whether it runs, what went wrong, and the running of it. */
export function useAction(): {
  readonly busy: boolean
  readonly error: string | null
  /** what `error` says in words */
  readonly thrown: unknown
  readonly run: (work: () => Promise<void>) => void
  readonly clear: () => void
} {
  const words = useWords()
  const [busy, setBusy] = useState(false)
  // what was thrown and not its words: the reader's language can change while it stands there
  const [failure, setFailure] = useState<{ readonly thrown: unknown } | null>(null)
  const running = useRef(false)
  const run = useCallback((work: () => Promise<void>) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setFailure(null)
    work()
      // whoever says no knows that they did
      .catch((thrown: unknown) => isNokkelError(thrown, 'cancelled') || setFailure({ thrown }))
      .finally(() => {
        running.current = false
        setBusy(false)
      })
  }, [])
  const error = failure === null ? null : errorWords(words, failure.thrown)
  return { busy, error, thrown: failure?.thrown ?? null, run, clear: useCallback(() => setFailure(null), []) }
}

/** A value from the worker, asked for anew when `deps` change; the old one stays until the new one is here. */
export function useAnswer<T>(ask: () => Promise<T>, deps: readonly unknown[]): { readonly value: T | null; readonly error: unknown } {
  const [answer, setAnswer] = useState<{ value: T | null; error: unknown }>({ value: null, error: null })
  const latest = useRef(0)
  useEffect(() => {
    const turn = ++latest.current
    ask().then(
      (value) => turn === latest.current && setAnswer({ value, error: null }),
      (error: unknown) => turn === latest.current && setAnswer((before) => ({ value: before.value, error })),
    )
    // eslint-like tools cannot see through `ask`: the caller names what it depends on
  }, deps)
  return answer
}

// ---- route: what is shown stands in the address after the #, so that going back works; it never holds anything secret

export interface Route {
  readonly page: Page
  readonly category: string
  readonly item: string | null
}

function readRoute(hash: string): Route {
  const [name, category = '', item = ''] = hash.replace(/^#\/?/, '').split('/')
  const page = pages.find((each) => each === name) ?? 'items'
  if (page === 'items') return { page, category: category === '' ? 'all' : category, item: item === '' ? null : item }
  // help before the keychain opens has an address of its own
  return { page, category: page === 'help' ? category : 'all', item: null }
}
const subscribeHash = (listener: () => void): (() => void) => {
  globalThis.addEventListener('hashchange', listener)
  return () => globalThis.removeEventListener('hashchange', listener)
}
export function useRoute(): Route {
  const hash = useSyncExternalStore(subscribeHash, () => location.hash)
  return useMemo(() => readRoute(hash), [hash])
}
export function go(page: Page, category = '', item = ''): void {
  const parts: string[] = [page]
  if (page === 'items') parts.push(category === '' ? 'all' : category)
  if (item !== '') parts.push(item)
  location.hash = `/${parts.join('/')}`
}

// ---- short news

const newsListeners = new Set<(text: string) => void>()
export function tell(text: string): void {
  for (const listener of newsListeners) listener(text)
}
export function useNews(): string {
  const [text, setText] = useState('')
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>
    const show = (news: string): void => {
      setText(news)
      clearTimeout(timer)
      timer = setTimeout(() => setText(''), 5_000)
    }
    newsListeners.add(show)
    return () => {
      clearTimeout(timer)
      newsListeners.delete(show)
    }
  }, [])
  return text
}

/** Anything that the user does keeps the keychain open; said at most every few seconds. */
export function useTouch(): void {
  useEffect(() => {
    let lastMs = 0
    const touch = (): void => {
      const now = Date.now()
      if (now - lastMs < 5_000) return
      lastMs = now
      void call('touch').catch(() => undefined)
    }
    const events = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const
    for (const event of events) addEventListener(event, touch, { passive: true })
    return () => {
      for (const event of events) removeEventListener(event, touch)
    }
  }, [])
}
