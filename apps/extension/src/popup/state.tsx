/** React's view of the popup: the snapshot, and the words of the reader's language. */
import { createMessages, pickLanguage, type Messages } from '@nokkel/messages/extension'
import { ScreenWords } from '@nokkel/ui/words'
import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react'
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
  return (
    <WordsContext value={words}>
      <ScreenWords value={words}>{children}</ScreenWords>
    </WordsContext>
  )
}

export function useWords(): Messages {
  const words = useContext(WordsContext)
  if (words === null) throw new Error('outside WordsProvider')
  return words
}
