/** The worker's side of the calls: runs each, answers it, and lets nothing but codes and plain parameters out of a failure. */
import { isNokkelError } from '@nokkel/base'
import type { Answer, Calls, Request, Snapshot } from './protocol.ts'

/** `ready`: what every call waits for, at the time it comes; when it fails, so does the call. */
export interface Posts {
  publish(snapshot: Snapshot): void
  looking(known: number, total: number): void
  taken(): void
  receive(request: Request): void
}

export function serve(ready: () => Promise<unknown>, calls: Calls): Posts {
  const post = (answer: Answer): void => self.postMessage(answer)
  const receive = ({ id, name, args }: Request): void => {
    const call = calls[name] as (...args: readonly unknown[]) => Promise<unknown>
    ready()
      .then(() => call(...args))
      .then(
        (value) => post({ type: 'result', id, value }),
        (error: unknown) => {
          const failure = isNokkelError(error) ? { code: error.code, params: error.params } : { code: 'internal' as const, params: {} }
          post({ type: 'failure', id, failure })
        },
      )
  }
  return {
    receive,
    publish: (snapshot) => post({ type: 'snapshot', snapshot }),
    looking: (known, total) => post({ type: 'looking', known, total }),
    taken: () => post({ type: 'taken' }),
  }
}
