/** Is it you (C1), in the web app: by this device's own lock where it is turned on, by the passcode always. */
import type { ReactNode } from 'react'
import { Button } from '@nokkel/ui/parts'
import type { ProofQuestion } from '@nokkel/ui/proof'
import { ProofDialog as Asked } from '@nokkel/ui/proof-dialog'
import { proveWithAuthenticator } from '../app/authenticator.ts'
import { useSnapshot, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'

export function ProofDialog({ question }: { readonly question: ProofQuestion }): ReactNode {
  const words = useWords()
  const snapshot = useSnapshot()
  const handle = snapshot?.authenticator ?? null
  return (
    <Asked
      question={question}
      locked={snapshot === null || snapshot.state === 'locked'}
      prove={(passcode) => call('prove', passcode)}
      other={({ busy, run }) =>
        handle !== null && (
          <Button
            icon="fingerprint"
            wide
            disabled={busy}
            onPress={() =>
              run(async () => {
                await proveWithAuthenticator(handle)
                question.answered()
              })
            }
          >
            {words.t('web.proof.device-lock')}
          </Button>
        )
      }
    />
  )
}
