/** The fields of one item, to look at, reveal and copy (C1, C2): what is secret is asked for when it is wanted, and not kept. */
import { isNokkelError } from '@nokkel/base'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useAction } from '@nokkel/ui/action'
import { tell, tellError, useWords } from '../app/state.tsx'
import { clearAfterSeconds, copyForAWhile } from '../app/clipboard.ts'
import { showCodes, useCode, useCodesHidden } from '../app/codes.ts'
import { call } from '../app/worker-client.ts'
import { Button, ErrorText, IconButton, cx } from '@nokkel/ui/parts'
import type { FieldShown, ItemShown } from '../worker/protocol.ts'
import { Countdown } from './code-row.tsx'
import styles from './item.module.css'
import { hostOf } from './item-tile.tsx'

const QrCode = lazy(async () => ({ default: (await import('../ui/qr-code.tsx')).QrCode }))

export const mask = '••••••••'

const custom = 'custom:'

/** A custom field is called what its owner called it, and in people's words where another manager's program named it. */
export function useFieldLabels(): (name: string) => string {
  const words = useWords()
  return (name) => (name.startsWith(custom) ? words.label('imported', name.slice(custom.length)) : words.label('field', name))
}

export function useCopy(): (get: () => Promise<string>) => void {
  const words = useWords()
  return (get) => {
    void get()
      .then(copyForAWhile)
      .then(
        () => tell(words.t('web.copied', { seconds: clearAfterSeconds })),
        (error: unknown) => (isNokkelError(error) ? tellError(words, error) : tell(words.t('web.copy-failed'))),
      )
  }
}

export function FieldLine({ id, field }: { readonly id: string; readonly field: FieldShown }): ReactNode {
  const words = useWords()
  const label = useFieldLabels()(field.name)
  const [revealed, setRevealed] = useState<string | null>(null)
  const copy = useCopy()
  const text = revealed ?? field.text
  const lower = label.toLowerCase()
  const get = async (): Promise<string> => text ?? (await call('reveal', id, field.name))
  const toggle = (): void => {
    if (revealed !== null) setRevealed(null)
    else void call('reveal', id, field.name).then(setRevealed, (error: unknown) => tellError(words, error))
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

export function Expiry({ item }: { readonly item: ItemShown }): ReactNode {
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

export function Site({ site }: { readonly site: string }): ReactNode {
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
export function JoinWifi({ id }: { readonly id: string }): ReactNode {
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

export function VerificationCode({ id }: { readonly id: string }): ReactNode {
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
