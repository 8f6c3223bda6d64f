/** One item: its fields to look at, reveal and copy; changing, deleting and bringing back; its earlier values. */
import { isNokkelError } from '@nokkel/base'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { errorWords, tell, useAction, useAnswer, useWords } from '../app/state.tsx'
import { clearAfterSeconds, copyForAWhile } from '../app/clipboard.ts'
import { showCodes, useCode, useCodesHidden } from '../app/codes.ts'
import { call } from '../app/worker-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Button, Empty, ErrorText, IconButton, cx } from '../ui/parts.tsx'
import type { FieldShown, HistoryShown, ItemShown } from '../worker/protocol.ts'
import { Countdown } from './code-row.tsx'
import { EditItem } from './edit-item.tsx'
import styles from './item.module.css'
import { hostOf, Tile } from './item-tile.tsx'

const QrCode = lazy(async () => ({ default: (await import('../ui/qr-code.tsx')).QrCode }))

const mask = '••••••••'
/** Shown by the item's head, or together as one line. */
const notInList = new Set(['title', 'favorite', 'totp', 'expiryMonth', 'expiryYear'])

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
  const [asking, setAsking] = useState<'edit' | 'delete' | 'purge' | null>(null)
  if (error !== null)
    return (
      <Empty icon="deleted" title={words.t('web.item.gone')} text={words.t('web.item.gone-text')}>
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
      <dl className={styles.fields}>
        {item.fields
          .filter(({ name, text, secret }) => !notInList.has(name) && (secret || text !== ''))
          .map((field) => (
            <FieldLine key={`${field.name} ${item.modifiedMs}`} id={id} field={field} />
          ))}
        <Expiry item={item} />
        {item.hasTotp && <VerificationCode key={item.modifiedMs} id={id} />}
        {item.sites.length > 0 && (
          <div className={styles.line}>
            <dt>{words.label('field', item.sites.length > 1 ? 'sites' : 'site')}</dt>
            <dd>
              {item.sites.map((site) => (
                <Site key={site} site={site} />
              ))}
            </dd>
          </div>
        )}
        {item.tags.length > 0 && (
          <div className={styles.line}>
            <dt>{words.label('field', 'tags')}</dt>
            <dd className={styles.tags}>
              {item.tags.map((tag) => (
                <span key={tag}>{tag}</span>
              ))}
            </dd>
          </div>
        )}
      </dl>
      {item.kind === 'wifi' && <JoinWifi key={item.modifiedMs} id={id} />}
      <p className={styles.changed}>
        {item.changedBy === '' ? words.t('web.item.changed', { time }) : words.t('web.item.changed-by', { time, device: item.changedBy })}
      </p>
      {item.history.length > 0 && <History item={item} writable={writable && !isDeleted} />}
      <ErrorText>{asking === null ? actionError : null}</ErrorText>
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
        <Dialog
          title={words.t(asking === 'delete' ? 'web.item.delete-ask' : 'web.item.purge-ask', { title })}
          onClose={() => setAsking(null)}
        >
          <p>{words.t(asking === 'delete' ? 'web.item.delete-text' : 'web.item.purge-text')}</p>
          <ErrorText>{actionError}</ErrorText>
          <div className={styles.dialogActions}>
            <Button onPress={() => setAsking(null)}>{words.t('web.cancel')}</Button>
            <Button look="danger" busy={busy} onPress={() => end(() => call(asking, id))}>
              {words.t(asking === 'delete' ? 'web.item.delete' : 'web.item.purge')}
            </Button>
          </div>
        </Dialog>
      )}
    </article>
  )
}

function useFieldLabel(name: string): string {
  const words = useWords()
  return name.startsWith('custom:') ? name.slice('custom:'.length) : words.label('field', name)
}

function useCopy(): (get: () => Promise<string>) => void {
  const words = useWords()
  return (get) => {
    void get()
      .then(copyForAWhile)
      .then(
        () => tell(words.t('web.copied', { seconds: clearAfterSeconds })),
        (error: unknown) => tell(isNokkelError(error) ? errorWords(words, error) : words.t('web.copy-failed')),
      )
  }
}

function FieldLine({ id, field }: { readonly id: string; readonly field: FieldShown }): ReactNode {
  const words = useWords()
  const label = useFieldLabel(field.name)
  const [revealed, setRevealed] = useState<string | null>(null)
  const copy = useCopy()
  const text = revealed ?? field.text
  const lower = label.toLowerCase()
  const get = async (): Promise<string> => text ?? (await call('reveal', id, field.name))
  const toggle = (): void => {
    if (revealed !== null) setRevealed(null)
    else void call('reveal', id, field.name).then(setRevealed, (error: unknown) => tell(errorWords(words, error)))
  }
  return (
    <div className={styles.line}>
      <dt>{label}</dt>
      <dd>
        <span
          className={cx(styles.value, field.secret && styles.mono, field.kind === 'multiline' && styles.long)}
          data-masked={text === null || undefined}
        >
          {text ?? (
            <>
              <span aria-hidden="true">{mask}</span>
              <span className={styles.hiddenWord}>{words.t('web.item.hidden')}</span>
            </>
          )}
        </span>
        {field.secret && (
          <IconButton
            label={words.t(revealed === null ? 'web.item.show-field' : 'web.item.hide-field', { field: lower })}
            icon={revealed === null ? 'eye' : 'eye-off'}
            onPress={toggle}
          />
        )}
        <IconButton label={words.t('web.item.copy-field', { field: lower })} icon="copy" onPress={() => copy(get)} />
      </dd>
    </div>
  )
}

function Expiry({ item }: { readonly item: ItemShown }): ReactNode {
  const words = useWords()
  const find = (name: string): string => item.fields.find((field) => field.name === name)?.text ?? ''
  const [month, year] = [find('expiryMonth'), find('expiryYear')]
  if (month === '' && year === '') return null
  return (
    <div className={styles.line}>
      <dt>{words.t('web.item.expiry')}</dt>
      <dd>
        <span className={styles.value}>{[month.padStart(2, '0'), year].filter((part) => part !== '').join('/')}</span>
      </dd>
    </div>
  )
}

function Site({ site }: { readonly site: string }): ReactNode {
  // only what a browser may open; anything else is text
  const target = /^https?:\/\//i.test(site) ? site : /^[\w.-]+\.[a-z]{2,}(?:[:/]|$)/i.test(site) ? `https://${site}` : null
  if (target === null || !URL.canParse(target)) return <span className={styles.value}>{site}</span>
  return (
    <a className={styles.value} href={target} target="_blank" rel="noopener noreferrer">
      {hostOf(site)}
    </a>
  )
}

/** A picture for the camera of whoever is to join the network; it holds the network's password, so it is asked for like one (C1). */
function JoinWifi({ id }: { readonly id: string }): ReactNode {
  const words = useWords()
  const [text, setText] = useState<string | null>(null)
  const { run, error, busy } = useAction()
  return (
    <div className={styles.join}>
      {text === null ? (
        <Button busy={busy} onPress={() => run(async () => setText(await call('wifiText', id)))}>
          {words.t('web.wifi.show')}
        </Button>
      ) : (
        <>
          <Suspense fallback={null}>
            <QrCode text={text} label={words.t('web.wifi.code')} />
          </Suspense>
          <p className={styles.quiet}>{words.t('web.wifi.about')}</p>
          <Button onPress={() => setText(null)}>{words.t('web.wifi.hide')}</Button>
        </>
      )}
      <ErrorText>{error}</ErrorText>
    </div>
  )
}

function VerificationCode({ id }: { readonly id: string }): ReactNode {
  const words = useWords()
  const copy = useCopy()
  const { code, leftMs, bad } = useCode(id)
  const hidden = useCodesHidden()
  return (
    <div className={styles.line}>
      <dt>{words.label('field', 'code')}</dt>
      <dd>
        {bad ? (
          <span className={styles.value}>{words.t('web.item.code-bad')}</span>
        ) : (
          <>
            <span className={cx(styles.value, styles.mono, styles.code)}>
              {code === null ? (hidden ? '••• •••' : '') : code.code.replace(/(.{3})(?=.{3})/, '$1 ')}
            </span>
            {code !== null && (
              <>
                <Countdown part={leftMs / code.periodMs} />
                <span className={styles.left}>{words.t('web.item.code-left', { count: Math.ceil(leftMs / 1_000) })}</span>
              </>
            )}
            {hidden && (
              <Button look="quiet" onPress={() => void showCodes().catch(() => undefined)}>
                {words.t('web.codes.show')}
              </Button>
            )}
            <IconButton
              label={words.t('web.item.copy-field', { field: words.label('field', 'code').toLowerCase() })}
              icon="copy"
              onPress={() => copy(async () => (await call('verificationCode', id)).code)}
            />
          </>
        )}
      </dd>
    </div>
  )
}

function History({ item, writable }: { readonly item: ItemShown; readonly writable: boolean }): ReactNode {
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
  const label = useFieldLabel(entry.field)
  const { run, busy, error } = useAction()
  const [revealed, setRevealed] = useState<string | null>(null)
  const text = revealed ?? entry.text
  const lower = label.toLowerCase()
  return (
    <li className={styles.historyLine}>
      <div>
        <span className={styles.quiet}>
          {label} · {words.dateTime(entry.timeMs)}
          {entry.by !== '' && ` · ${entry.by}`} · {words.label('reason', entry.reason)}
        </span>
        <span className={cx(styles.value, entry.secret && styles.mono)}>{text ?? mask}</span>
        <ErrorText>{error}</ErrorText>
      </div>
      {entry.secret && (
        <IconButton
          label={words.t(revealed === null ? 'web.item.show-field' : 'web.item.hide-field', { field: lower })}
          icon={revealed === null ? 'eye' : 'eye-off'}
          onPress={() => (revealed === null ? void call('revealHistory', id, entry.index).then(setRevealed) : setRevealed(null))}
        />
      )}
      {writable && (
        <Button look="quiet" busy={busy} onPress={() => run(() => call('restoreHistory', id, entry.index))}>
          {words.t('web.item.history-use')}
        </Button>
      )}
    </li>
  )
}
