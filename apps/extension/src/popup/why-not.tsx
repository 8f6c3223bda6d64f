/**
 * "Why not?" (E9): why nothing was offered, filled or saved in this tab, each with what helps and the one change that would alter it. The causes
 * and their words are the doctor's; what is only of this moment has words of the extension's own. Loaded when there is something to say.
 */
import { createDoctorWords } from '@nokkel/messages/doctor'
import { useMemo, type ReactNode } from 'react'
import type { Change, SiteFinding, Why } from '../protocol.ts'
import { Button, ErrorText } from '@nokkel/ui/parts'
import { call } from './background.ts'
import styles from './popup.module.css'
import { useAction } from '@nokkel/ui/action'
import { useWords } from './state.tsx'

const changes: readonly (string | null)[] = [
  'allow-site',
  'remove-never',
  'switch-on-passwords',
  'switch-on-cards',
  'switch-on-saving',
] satisfies readonly Change[]
const isChange = (action: string | null): action is Change => changes.includes(action)

export interface WhyNotProps {
  readonly causes: readonly SiteFinding[]
  readonly why: readonly Why[]
  readonly onAdd: () => void
}

export function WhyNot({ causes, why, onAdd }: WhyNotProps): ReactNode {
  const words = useWords()
  const doctor = useMemo(() => createDoctorWords(words), [words])
  const { busy, error, run } = useAction()
  const moments = why.filter(({ cause }) => cause === null || !causes.some(({ code }) => code === cause))
  return (
    <details className={styles.why} open={causes.some(({ action }) => isChange(action))}>
      <summary>{words.t('extension.why')}</summary>
      <ul>
        {causes.map((finding) => (
          <li key={finding.code}>
            <strong>{doctor.title(finding)}</strong>
            <p>{doctor.because(finding)}</p>
            <p>{doctor.step(finding.steps[0] ?? '', 'extension')}</p>
            <Change finding={finding} busy={busy} run={run} onAdd={onAdd} label={doctor.action(finding.action ?? '')} />
          </li>
        ))}
        {moments.map(({ about, reason, cause }) => (
          <li key={about}>
            <p>
              {cause === null
                ? words.label(`why-${about}`, reason.startsWith('surface-') ? 'surface' : reason)
                : doctor.title({ code: cause })}
            </p>
          </li>
        ))}
      </ul>
      <ErrorText>{error}</ErrorText>
    </details>
  )
}

interface ChangeProps {
  readonly finding: SiteFinding
  readonly busy: boolean
  readonly run: (work: () => Promise<void>) => void
  readonly onAdd: () => void
  readonly label: string
}

function Change({ finding: { action, code, site }, busy, run, onAdd, label }: ChangeProps): ReactNode {
  const words = useWords()
  if (isChange(action)) {
    return (
      <Button busy={busy} onPress={() => run(() => call('change', action, site))}>
        {label}
      </Button>
    )
  }
  return code === 'no-match' && site !== '' ? <Button onPress={onAdd}>{words.t('extension.change.add', { site })}</Button> : null
}
