/** Asks whether the person is there (C1) when a call waits for it, over whatever the popup shows. Its screen is loaded then. */
import { lazy, Suspense, type ReactNode } from 'react'
import { useProofQuestion } from '@nokkel/ui/proof'
import { call } from './background.ts'
import { useSnapshot } from './state.tsx'

const ProofDialog = lazy(async () => ({ default: (await import('@nokkel/ui/proof-dialog')).ProofDialog }))

export function ProofAsked(): ReactNode {
  const question = useProofQuestion()
  const locked = useSnapshot()?.state === 'locked'
  return question === null ? null : (
    <Suspense fallback={null}>
      <ProofDialog question={question} locked={locked} prove={(passcode) => call('prove', passcode)} />
    </Suspense>
  )
}
