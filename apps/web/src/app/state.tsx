/** React's view of the app: the snapshot, the words of the reader's language, the route, and short news at the edge of the window. */
import { loadMessages, pickLanguage, type Language, type Messages } from '@nokkel/messages/app'
import { isNokkelError } from '@nokkel/base'
import { errorWords } from '@nokkel/ui/action'
import { tellActs } from '@nokkel/ui/acts'
import { ItemWords } from '@nokkel/ui/item-words'
import { ScreenWords } from '@nokkel/ui/words'
import { createContext, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react'
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
      <ScreenWords value={words}>
        <ItemWords value={words}>
          <I18nProvider locale={words.language === 'nb' ? 'nb-NO' : 'en-GB'}>{children}</I18nProvider>
        </ItemWords>
      </ScreenWords>
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

/** News of what a call threw. Whoever said no knows that they did. */
export function tellError(words: Messages, error: unknown): void {
  if (!isNokkelError(error, 'cancelled')) tell(errorWords(words, error))
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

/** Anything that the user does keeps the keychain open. */
export function useTouch(): void {
  useEffect(() => tellActs(() => void call('touch').catch(() => undefined)), [])
}
