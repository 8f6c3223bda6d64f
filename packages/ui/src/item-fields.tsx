/**
 * The fields of one item, to look at, reveal and copy (C1, C2): what is secret is asked for when it is wanted, stands here while it is shown, and is
 * gone with the line. Where it comes from and how it is copied is the app's.
 */
import { useState, type ReactNode } from 'react'
import styles from './item-fields.module.css'
import { useFieldLabels, useItemWords } from './item-words.tsx'
import { Button, cx, IconButton } from './parts.tsx'

export const mask = '••••••••'
/** Shown by the item's head, or together as one line. */
const notInList = new Set(['title', 'favorite', 'totp', 'expiryMonth', 'expiryYear'])

interface FieldShown {
  readonly name: string
  readonly kind: 'text' | 'multiline' | 'bytes'
  readonly secret: boolean
  /** null where it is secret */
  readonly text: string | null
}
interface ItemShown {
  readonly modifiedMs: number
  readonly fields: readonly FieldShown[]
  readonly sites: readonly string[]
  readonly tags: readonly string[]
}

export interface FieldsProps {
  readonly item: ItemShown
  /** Throws why not. */
  readonly reveal: (field: string) => Promise<string>
  readonly copy: (get: () => Promise<string>) => void
  readonly onError: (error: unknown) => void
  /** the verification code */
  readonly code: ReactNode
}

export function ItemFields({ item, reveal, copy, onError, code }: FieldsProps): ReactNode {
  const words = useItemWords()
  return (
    <dl className={styles.fields}>
      {item.fields
        // what is bytes (a passkey's key and identifiers) is for sites, and no person has a use for it
        .filter(({ name, kind, text, secret }) => !notInList.has(name) && kind !== 'bytes' && (secret || text !== ''))
        .map((field) => (
          <FieldLine key={`${field.name} ${item.modifiedMs}`} field={field} reveal={reveal} copy={copy} onError={onError} />
        ))}
      <Expiry item={item} />
      {code}
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
  )
}

function FieldLine({
  field,
  reveal,
  copy,
  onError,
}: { readonly field: FieldShown } & Pick<FieldsProps, 'reveal' | 'copy' | 'onError'>): ReactNode {
  const words = useItemWords()
  const label = useFieldLabels()(field.name)
  const [revealed, setRevealed] = useState<string | null>(null)
  const text = revealed ?? field.text
  const lower = label.toLowerCase()
  const get = async (): Promise<string> => text ?? (await reveal(field.name))
  const toggle = (): void => {
    if (revealed !== null) setRevealed(null)
    else void reveal(field.name).then(setRevealed, onError)
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
  const words = useItemWords()
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

/** The host, as people know it. */
export function hostOf(site: string): string {
  const host = URL.canParse(site) ? new URL(site).host : ''
  return (host === '' ? site : host).replace(/^www\./, '')
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

export interface CodeLineProps {
  /** null: not known yet, or hidden */
  readonly code: { readonly code: string; readonly periodMs: number } | null
  readonly leftMs: number
  /** the key is none */
  readonly bad: boolean
  /** until it is known who is there (C1) */
  readonly hidden: boolean
  readonly onShow: () => void
  readonly onCopy: () => void
}

export function CodeLine({ code, leftMs, bad, hidden, onShow, onCopy }: CodeLineProps): ReactNode {
  const words = useItemWords()
  const label = words.label('field', 'code')
  return (
    <div className={styles.line}>
      <dt>{label}</dt>
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
              <Button look="quiet" onPress={onShow}>
                {words.t('web.codes.show')}
              </Button>
            )}
            <IconButton label={words.t('web.item.copy-field', { field: label.toLowerCase() })} icon="copy" onPress={onCopy} />
          </>
        )}
      </dd>
    </div>
  )
}

/** A ring that empties. Said in words beside it. */
export function Countdown({ part }: { readonly part: number }): ReactNode {
  const around = 2 * Math.PI * 8
  return (
    <svg className={styles.ring} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <circle cx="10" cy="10" r="8" />
      <circle
        cx="10"
        cy="10"
        r="8"
        strokeDasharray={`${Math.max(0, Math.min(1, part)) * around} ${around}`}
        transform="rotate(-90 10 10)"
      />
    </svg>
  )
}
