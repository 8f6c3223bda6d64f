/** One item: its fields, its earlier values; changing, deleting and bringing it back. */
import { isNokkelError } from '@nokkel/base'
import { useState, type ReactNode } from 'react'
import { errorWords, useAction, useAnswer } from '@nokkel/ui/action'
import { tellError, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { ItemFields } from '@nokkel/ui/item-fields'
import { Button, Empty, ErrorText, IconButton } from '@nokkel/ui/parts'
import { EditItem } from './edit-item.tsx'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import styles from './item.module.css'
import { Tile } from './item-tile.tsx'
import { JoinWifi, useCopy, VerificationCode } from './item-fields.tsx'
import { History } from './item-history.tsx'

interface Props {
  readonly id: string
  readonly version: number
  readonly writable: boolean
  readonly onBack: () => void
}

export function ItemDetail({ id, version, writable, onBack }: Props): ReactNode {
  const words = useWords()
  const { value: item, error } = useAnswer(() => call('item', id), [id, version])
  const { run, error: actionError, busy } = useAction()
  const copy = useCopy()
  const [asking, setAsking] = useState<'edit' | 'delete' | 'purge' | null>(null)
  const gone = isNokkelError(error, 'not-found')
  if (gone || (error !== null && item === null))
    return (
      <Empty
        icon={gone ? 'deleted' : 'warning'}
        title={gone ? words.t('web.item.gone') : errorWords(words, error)}
        text={gone ? words.t('web.item.gone-text') : undefined}
      >
        <Button onPress={onBack}>{words.t('web.back')}</Button>
      </Empty>
    )
  if (item === null) return null
  const title = item.title === '' ? words.t('web.item.untitled') : item.title
  const isDeleted = item.deletedMs !== null
  const end = (work: () => Promise<void>): void =>
    run(async () => {
      await work()
      setAsking(null)
      onBack()
    })
  const time = words.dateTime(item.modifiedMs)
  return (
    <article className={styles.item}>
      <div className={styles.bar}>
        <span className={styles.backButton}>
          <IconButton label={words.t('web.back')} icon="back" onPress={onBack} />
        </span>
        <span className={styles.barSpace} />
        {writable && !isDeleted && <Button onPress={() => setAsking('edit')}>{words.t('web.item.edit')}</Button>}
      </div>
      <header className={styles.head}>
        <Tile item={item} />
        <div>
          <h1>{title}</h1>
          <p className={styles.quiet}>
            {item.deletedMs !== null
              ? words.t('web.item.deleted', { time: words.dateTime(item.deletedMs) })
              : words.label('kind', item.kind)}
          </p>
        </div>
      </header>
      <ItemFields
        item={item}
        reveal={(field) => call('reveal', id, field)}
        copy={copy}
        onError={(thrown) => tellError(words, thrown)}
        code={item.hasTotp && <VerificationCode key={item.modifiedMs} id={id} />}
      />
      {item.kind === 'wifi' && <JoinWifi key={item.modifiedMs} id={id} />}
      <p className={styles.changed}>
        {item.changedBy === '' ? words.t('web.item.changed', { time }) : words.t('web.item.changed-by', { time, device: item.changedBy })}
      </p>
      {item.history.length > 0 && <History item={item} writable={writable && !isDeleted} />}
      <ErrorText>{asking === null ? (actionError ?? (error === null ? null : errorWords(words, error))) : null}</ErrorText>
      {writable && (
        <div className={styles.end}>
          {isDeleted ? (
            <>
              <Button look="main" busy={busy} onPress={() => end(() => call('restore', id))}>
                {words.t('web.item.restore')}
              </Button>
              <Button look="danger" onPress={() => setAsking('purge')}>
                {words.t('web.item.purge')}
              </Button>
            </>
          ) : (
            <Button look="danger" onPress={() => setAsking('delete')}>
              {words.t('web.item.delete')}
            </Button>
          )}
        </div>
      )}
      {asking === 'edit' && <EditItem kind={item.kind} id={id} onClose={() => setAsking(null)} onSaved={() => setAsking(null)} />}
      {(asking === 'delete' || asking === 'purge') && (
        <AskDialog
          title={words.t(asking === 'delete' ? 'web.item.delete-ask' : 'web.item.purge-ask', { title })}
          go={words.t(asking === 'delete' ? 'web.item.delete' : 'web.item.purge')}
          look="danger"
          work={async () => {
            await call(asking, id)
            onBack()
          }}
          onClose={() => setAsking(null)}
        >
          <p>{words.t(asking === 'delete' ? 'web.item.delete-text' : 'web.item.purge-text')}</p>
        </AskDialog>
      )}
    </article>
  )
}
