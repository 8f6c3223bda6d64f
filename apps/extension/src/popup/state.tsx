/** React's view of the popup: the snapshot, the words of the reader's language, and the running of calls. */
import { isNokkelError } from '@nokkel/base'
import { createMessages, pickLanguage, type Messages } from '@nokkel/messages/extension'
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react'
import type { Snapshot } from '../protocol.ts'
import { currentSnapshot, subscribe } from './background.ts'

export function useSnapshot(): Snapshot | null {
  return useSyncExternalStore(subscribe, currentSnapshot)
}

const WordsContext = createContext<Messages | null>(null)

export function WordsProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const setting = useSnapshot()?.settings.language ?? 'system'
  const language = setting === 'system' ? pickLanguage(navigator.languages) : setting
  const words = useMemo(() => createMessages(language), [language])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return <WordsContext value={words}>{children}</WordsContext>
}

export function useWords(): Messages {
  const words = useContext(WordsContext)
  if (words === null) throw new Error('outside WordsProvider')
  return words
}

export function useAction(): { readonly busy: boolean; readonly error: string | null; readonly run: (work: () => Promise<void>) => void } {
  const words = useWords()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<string | null>(null)
  const running = useRef(false)
  const run = useCallback(
    (work: () => Promise<void>) => {
      if (running.current) return
      running.current = true
      setBusy(true)
      setError(null)
      work()
        .catch((thrown: unknown) => {
          // the person's own decision is no fault to be told of
          if (isNokkelError(thrown, 'cancelled')) return
          const { message, hint } = isNokkelError(thrown) ? words.errorText(thrown.code, thrown.params) : words.errorText('internal')
          setError(`${message} ${hint}`)
        })
        .finally(() => {
          running.current = false
          setBusy(false)
        })
    },
    [words],
  )
  return { busy, error, run }
}
