/** The question whether the person is there (C1): asked once for all calls that wait for it, wherever in the popup they were made. */
import { NokkelError } from '@nokkel/base'

export interface ProofQuestion {
  readonly proven: Promise<void>
  readonly answered: () => void
  readonly declined: () => void
}

const listeners = new Set<() => void>()
let question: ProofQuestion | null = null

function set(next: ProofQuestion | null): void {
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

export function subscribeToQuestion(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
export function proofQuestion(): ProofQuestion | null {
  return question
}
