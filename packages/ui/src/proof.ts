/** The question whether the person is there (C1): asked once for all calls that wait for it, wherever in the app they were made. */
import { NokkelError } from '@nokkel/base'
import { useSyncExternalStore } from 'react'

export interface ProofQuestion {
  readonly answered: () => void
  readonly declined: () => void
}

const listeners = new Set<() => void>()
let question: (ProofQuestion & { readonly proven: Promise<void> }) | null = null

function set(next: typeof question): void {
  question = next
  for (const listener of listeners) listener()
}

/** Resolves when the person has proven to be there. Throws `cancelled`. */
export function askForProof(): Promise<void> {
  if (question !== null) return question.proven
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  set({
    proven: promise,
    answered: () => {
      set(null)
      resolve()
    },
    declined: () => {
      set(null)
      reject(new NokkelError('cancelled'))
    },
  })
  return promise
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
const current = (): ProofQuestion | null => question

export function useProofQuestion(): ProofQuestion | null {
  return useSyncExternalStore(subscribe, current)
}
