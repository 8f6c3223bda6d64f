/**
 * One item in the popup (EXT-13): its fields, its running code, its sites, who changed it last. No secret is here before it is asked for, and none is
 * kept: what was revealed goes with the page.
 */
import { isNokkelError } from '@nokkel/base'
import { errorWords, useAction, useAnswer } from '@nokkel/ui/action'
import { AskDialog } from '@nokkel/ui/ask-dialog'
import { Icon, type IconName } from '@nokkel/ui/icon'
import { CodeLine, ItemFields } from '@nokkel/ui/item-fields'
import { useItemWords } from '@nokkel/ui/item-words'
import { Button, cx, Empty, ErrorText, IconButton } from '@nokkel/ui/parts'
import { askForProof } from '@nokkel/ui/proof'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import type { CodeShown } from '../protocol.ts'
import { call, send } from './background.ts'
import { copyForAWhile } from './clipboard.ts'
import type { PageProps } from './item-pages.tsx'
import styles from './item-pages.module.css'
import { useWords } from './state.tsx'

const icons: Readonly<Record<string, IconName>> = { password: 'password', passkey: 'passkey', card: 'card', wifi: 'wifi', note: 'note' }

export function ItemView({ id, snapshot, onShow, onLeave, onNews }: PageProps & { readonly id: string }): ReactNode {
  const words = useItemWords()
  const own = useWords()
  const { value: item, error } = useAnswer(() => call('item', id), [id, snapshot.version, snapshot.state])
  const { error: failed, run } = useAction()
  const [deleting, setDeleting] = useState(false)
  const heading = useRef<HTMLHeadingElement>(null)
  const isThere = item !== null
  useEffect(() => heading.current?.focus(), [isThere])
  const isGone = isNokkelError(error, 'not-found') || (item !== null && item.deletedMs !== null)
  if (isGone || (error !== null && item === null))
    return (
      <Empty
        icon={isGone ? 'deleted' : 'warning'}
        title={isGone ? words.t('web.item.gone') : errorWords(words, error)}
        text={isGone ? words.t('web.item.gone-text') : undefined}
      >
        <Button onPress={onLeave}>{words.t('web.back')}</Button>
      </Empty>
    )
  if (item === null) return null
  const title = item.title === '' ? words.t('web.item.untitled') : item.title
  const time = words.dateTime(item.modifiedMs)
  // a copy that is kept is for looking at (EXT-9)
  const writable = snapshot.state === 'trusted'
  const copy = (get: () => Promise<string>): void =>
    run(async () => {
      const text = await get()
      if (text === '') return onNews(own.t('extension.copy-nothing'))
      await copyForAWhile(text).then(
        () => onNews(words.t('web.copied', { seconds: 60 })),
        (thrown: unknown) => {
          if (isNokkelError(thrown)) throw thrown
          onNews(words.t('web.copy-failed'))
        },
      )
    })
  return (
    <>
      <header className={styles.head}>
        <span className={styles.kindIcon}>
          <Icon name={icons[item.kind] ?? 'note'} />
        </span>
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p className={cx(styles.quiet, styles.kindName)}>{words.label('kind', item.kind)}</p>
        </div>
        {writable && (
          <IconButton
            label={words.label('field', 'favorite')}
            icon="star"
            pressed={item.favorite}
            onPress={() => run(() => call('edit', id, [['favorite', !item.favorite]]))}
          />
        )}
      </header>
      <ItemFields
        item={item}
        reveal={(field) => call('reveal', id, field)}
        copy={copy}
        onError={(thrown) => run(() => Promise.reject(thrown as Error))}
        code={item.hasTotp && <RunningCode key={item.modifiedMs} id={id} copy={copy} />}
      />
      <p className={styles.quiet}>
        {item.changedBy === '' ? words.t('web.item.changed', { time }) : words.t('web.item.changed-by', { time, device: item.changedBy })}
      </p>
      <ErrorText>{failed ?? (error === null ? null : errorWords(words, error))}</ErrorText>
      {writable && (
        <div className={styles.end}>
          <Button look="danger" onPress={() => setDeleting(true)}>
            {words.t('web.item.delete')}
          </Button>
          <Button look="main" onPress={() => onShow({ page: 'edit', id, kind: item.kind })}>
            {words.t('web.item.edit')}
          </Button>
        </div>
      )}
      {deleting && (
        <AskDialog
          title={words.t('web.item.delete-ask', { title })}
          go={words.t('web.item.delete')}
          look="danger"
          work={() => call('delete', id)}
          onClose={() => setDeleting(false)}
          onDone={() => onShow({ page: 'list' })}
        >
          <p>{words.t('web.item.delete-text')}</p>
        </AskDialog>
      )}
    </>
  )
}

const lookAgainMs = 1_000

/** Asks for itself as long as somebody was there a moment ago, and for the person only when that is pressed (C1). */
function RunningCode({ id, copy }: { readonly id: string; readonly copy: (get: () => Promise<string>) => void }): ReactNode {
  const [code, setCode] = useState<CodeShown | null>(null)
  const [nowMs, setNowMs] = useState(() => Date.now())
  const [state, setState] = useState<'asking' | 'hidden' | 'bad'>('asking')
  const isDue = nowMs >= (code?.validUntilMs ?? 0)
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), lookAgainMs)
    return () => clearInterval(timer)
  }, [])
  useEffect(() => {
    if (!isDue || state !== 'asking') return
    let current = true
    const look = async (): Promise<void> => {
      try {
        const next = await send('verificationCode', id)
        if (current) setCode(next)
      } catch (error) {
        if (!current) return
        setCode(null)
        if (isNokkelError(error, 'proof-needed')) setState('hidden')
        if (isNokkelError(error, 'malformed')) setState('bad')
      }
    }
    void look()
    return () => {
      current = false
    }
    // each second anew while none is there that holds
  }, [id, isDue, state, isDue ? nowMs : 0])
  const show = (): void =>
    void askForProof().then(
      () => setState('asking'),
      () => undefined,
    )
  return (
    <CodeLine
      code={isDue ? null : code}
      leftMs={Math.max(0, (code?.validUntilMs ?? 0) - nowMs)}
      bad={state === 'bad'}
      hidden={state === 'hidden'}
      onShow={show}
      onCopy={() => copy(async () => (await call('verificationCode', id)).code)}
    />
  )
}
