/** "Why not?" (E9): why nothing was offered, filled or saved in this tab, each in one sentence with the one change that would alter it. */
import type { ReactNode } from 'react'
import type { Why } from '../protocol.ts'
import { Button, ErrorText } from '../ui/parts.tsx'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useAction, useWords } from './state.tsx'

export function WhyNot({ why, onAdd }: { readonly why: readonly Why[]; readonly onAdd: () => void }): ReactNode {
  const words = useWords()
  const { busy, error, run } = useAction()
  return (
    <details className={styles.why} open={why.some(({ change }) => change !== 'none' && change !== 'add')}>
      <summary>{words.t('extension.why')}</summary>
      <ul>
        {why.map(({ about, reason, change, site }) => (
          <li key={about}>
            <p>{words.label(`why-${about}`, reason.startsWith('surface-') ? 'surface' : reason)}</p>
            {change !== 'none' && (
              <Button busy={busy} onPress={() => (change === 'add' ? onAdd() : run(() => call('change', change, site)))}>
                {words.labelWith('extension.change', change, { site })}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <ErrorText>{error}</ErrorText>
    </details>
  )
}
