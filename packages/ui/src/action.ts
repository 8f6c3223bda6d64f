/** The running of calls from a screen: whether one runs, and what it threw in the reader's words. */
import { isNokkelError } from '@nokkel/base'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useScreenWords, type ScreenMessages } from './words.tsx'

/** The words for anything thrown by a call. */
export function errorWords(words: ScreenMessages, error: unknown): string {
  const { message, hint } = isNokkelError(error) ? words.errorText(error.code, error.params) : words.errorText('internal')
  return `${message} ${hint}`
}

export interface Action {
  readonly busy: boolean
  readonly error: string | null
  /** what `error` says in words */
  readonly thrown: unknown
  readonly run: (work: () => Promise<void>) => void
  readonly clear: () => void
}

/** What one does with a call: whether it runs, what went wrong, and the running of it. */
export function useAction(): Action {
  const words = useScreenWords()
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

/** A value that is asked for anew when `deps` change; the old one stays until the new one is here. */
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
