/** Verification codes as they run: one clock for all that are in sight, and whether the person must show themselves before they are seen (C1). */
import { isNokkelError } from '@nokkel/base'
import { useEffect, useSyncExternalStore, useState } from 'react'
import type { CodeShown } from '../worker/protocol.ts'
import { askForProof } from '@nokkel/ui/proof'
import { send } from './worker-client.ts'

const retryMs = 1_000
const badRetryMs = 10_000

const listeners = new Set<() => void>()
let nowMs = Date.now()
let timer: ReturnType<typeof setInterval> | null = null
let hidden = false
/** grows when codes are to be asked for anew */
let turn = 0

function tick(): void {
  nowMs = Date.now()
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === null) {
    // the clock stood while nobody looked
    nowMs = Date.now()
    timer = setInterval(tick, 1_000)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** The codes in sight are hidden until somebody shows who they are. */
export function useCodesHidden(): boolean {
  return useSyncExternalStore(subscribe, () => hidden)
}

/** Rejects with `cancelled`. */
export async function showCodes(): Promise<void> {
  await askForProof()
  hidden = false
  turn++
  tick()
}

/** Null until it is known; `bad` where the key is none. */
export function useCode(id: string): { readonly code: CodeShown | null; readonly leftMs: number; readonly bad: boolean } {
  const now = useSyncExternalStore(subscribe, () => nowMs)
  const asked = useSyncExternalStore(subscribe, () => turn)
  const [code, setCode] = useState<CodeShown | null>(null)
  const [bad, setBad] = useState(false)
  // anew after each answer, so that none is the last one while a code is due
  const [wait, setWait] = useState({ ms: 0 })
  const due = code?.validUntilMs ?? 0
  const isDue = now >= due
  useEffect(() => {
    if (!isDue) return
    let current = true
    const ask = async (): Promise<void> => {
      try {
        const next = await send('verificationCode', id)
        if (!current) return
        setCode(next)
        setBad(false)
        // one that was over before it arrived is followed by the next
        setWait({ ms: next.validUntilMs > Date.now() ? 0 : retryMs })
      } catch (error) {
        if (!current) return
        setCode(null)
        setBad(isNokkelError(error, 'malformed'))
        if (isNokkelError(error, 'proof-needed')) hidden = true
        // being let in, or changing over to another worker; and a key that is none may be mended on another device
        else setWait({ ms: isNokkelError(error, 'malformed') ? badRetryMs : retryMs })
      }
    }
    const waiting = setTimeout(() => void ask(), wait.ms)
    return () => {
      current = false
      clearTimeout(waiting)
    }
  }, [id, isDue, asked, wait])
  return { code: isDue ? null : code, leftMs: Math.max(0, due - now), bad }
}
