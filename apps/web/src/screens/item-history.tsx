/** Earlier values of an item's fields, and which of them can stand there again (B2, B5). */
import { useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tellError, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { mask } from '@nokkel/ui/item-fields'
import { useFieldLabels } from '@nokkel/ui/item-words'
import { Button, ErrorText, IconButton, cx } from '@nokkel/ui/parts'
import type { HistoryShown, ItemShown } from '../worker/protocol.ts'
import styles from './item.module.css'
import { useCopy } from './item-fields.tsx'

export function History({ item, writable }: { readonly item: ItemShown; readonly writable: boolean }): ReactNode {
  const words = useWords()
  return (
    <details className={styles.history}>
      <summary>{words.t('web.item.history-count', { count: item.history.length })}</summary>
      <ul>
        {item.history.map((entry) => (
          <HistoryLine key={`${entry.index} ${item.modifiedMs}`} id={item.id} entry={entry} writable={writable} />
        ))}
      </ul>
    </details>
  )
}

function HistoryLine({
  id,
  entry,
  writable,
}: {
  readonly id: string
  readonly entry: HistoryShown
  readonly writable: boolean
}): ReactNode {
  const words = useWords()
  const label = useFieldLabels()(entry.field)
  const { run, busy, error } = useAction()
  const [revealed, setRevealed] = useState<string | null>(null)
  const text = revealed ?? entry.text
  const lower = label.toLowerCase()
  const copy = useCopy()
  const get = async (): Promise<string> => text ?? (await call('revealHistory', id, entry.index))
  const toggle = (): void => {
    if (revealed !== null) setRevealed(null)
    else void call('revealHistory', id, entry.index).then(setRevealed, (thrown: unknown) => tellError(words, thrown))
  }
  return (
    <li className={styles.historyLine}>
      <span className={styles.historyAbout}>
        {label} · {words.dateTime(entry.timeMs)}
        {entry.by !== '' && ` · ${entry.by}`} · {words.label('reason', entry.reason)}
      </span>
      <span className={cx(styles.value, entry.secret && styles.mono)}>{text ?? mask}</span>
      {entry.secret && (
        <IconButton
          label={words.t(revealed === null ? 'web.item.show-field' : 'web.item.hide-field', { field: lower })}
          icon={revealed === null ? 'eye' : 'eye-off'}
          onPress={toggle}
        />
      )}
      <IconButton label={words.t('web.item.copy-field', { field: lower })} icon="copy" onPress={() => copy(get)} />
      {writable && (
        <Button look="quiet" busy={busy} onPress={() => run(() => call('restoreHistory', id, entry.index))}>
          {words.t('web.item.history-use')}
        </Button>
      )}
      <ErrorText>{error}</ErrorText>
    </li>
  )
}
