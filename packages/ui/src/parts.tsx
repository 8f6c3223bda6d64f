/**
 * The small parts that the screens of the web app and of the extension's popup are made of: buttons, fields, notes. No words and no calls of their
 * own. The browser's own controls: a list of fifty rows has two hundred buttons, and a popup has a tenth of a second to be there.
 */
import { useEffect, useId, useLayoutEffect, useRef, useState, type ComponentProps, type MouseEvent, type ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import styles from './parts.module.css'
import { useScreenWords } from './words.tsx'

export function cx(...names: readonly (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(' ')
}

type Look = 'main' | 'plain' | 'quiet' | 'danger'
interface ButtonProps {
  readonly children: ReactNode
  readonly look?: Look
  readonly icon?: IconName
  readonly type?: 'button' | 'submit'
  readonly busy?: boolean
  readonly disabled?: boolean
  readonly wide?: boolean
  /** of its row: what Enter in the search does */
  readonly first?: boolean
  readonly onPress?: (() => void) | undefined
}

/** Safari gives a button that is clicked no focus, and a dialog that it opens would not find back to it. `detail`: by a hand, not by Enter. */
const pressing =
  (onPress: (() => void) | undefined) =>
  ({ currentTarget, detail }: MouseEvent<HTMLButtonElement>): void => {
    if (detail > 0) currentTarget.focus()
    onPress?.()
  }

/** A busy button stays in place and keeps the focus; what it starts (`useAction`) does not start twice. */
export function Button({
  children,
  look = 'plain',
  icon,
  type = 'button',
  busy = false,
  disabled = false,
  wide = false,
  first = false,
  onPress,
}: ButtonProps): ReactNode {
  return (
    <button
      className={cx(styles.button, styles[look], wide && styles.wide)}
      type={type}
      disabled={disabled}
      data-busy={busy || undefined}
      data-first={first || undefined}
      onClick={pressing(onPress)}
    >
      {busy ? <Spinner /> : icon !== undefined && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}

export function IconButton({
  label,
  icon,
  onPress,
  pressed,
  first = false,
}: {
  readonly label: string
  readonly icon: IconName
  readonly onPress?: (() => void) | undefined
  readonly pressed?: boolean
  /** of its row: what Enter in the search does */
  readonly first?: boolean
}): ReactNode {
  return (
    <button
      type="button"
      className={styles.iconButton}
      aria-label={label}
      aria-pressed={pressed}
      data-first={first || undefined}
      onClick={pressing(onPress)}
    >
      <Icon name={icon} />
    </button>
  )
}

export function Spinner(): ReactNode {
  return <span className={styles.spinner} aria-hidden="true" />
}

interface FieldProps {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password' | 'url'
  readonly hint?: string | undefined
  readonly error?: string | null | undefined
  readonly initial?: string
  readonly autoComplete?: string
  readonly inputMode?: ComponentProps<'input'>['inputMode']
  readonly maxLength?: number
  readonly required?: boolean
  readonly autoFocus?: boolean
  readonly multiline?: number
  readonly mono?: boolean
  readonly readOnly?: boolean
  /** under the input */
  readonly action?: ReactNode
  readonly inputRef?: (element: HTMLInputElement | HTMLTextAreaElement | null) => void
}

/**
 * A labelled field. Never controlled: React would write what is typed into the element's `value` attribute, where it could be read in the
 * document, and passwords are typed here. The first value is set as a property for the same reason.
 */
export function Field(props: FieldProps): ReactNode {
  const { name, label, type = 'text', hint, error, initial, multiline, required = false, autoFocus = false, action, inputRef } = props
  const words = useScreenWords()
  const isWrong = error !== null && error !== undefined
  const id = useId()
  const element = useRef<HTMLInputElement & HTMLTextAreaElement>(null)
  const [shown, setShown] = useState(false)
  // before anybody can type into it
  useLayoutEffect(() => {
    if (element.current !== null && initial !== undefined) element.current.value = initial
    inputRef?.(element.current)
  }, [])
  useEffect(() => {
    // again where it is in a dialog, which was not open when the element was made
    if (autoFocus) element.current?.focus()
  }, [])
  const about = cx(hint !== undefined && `${id}-hint`, isWrong && `${id}-error`)
  const common = {
    id,
    name,
    ref: element,
    className: cx(styles.input, props.mono === true && styles.mono),
    autoComplete: props.autoComplete ?? 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    required,
    'aria-invalid': isWrong,
    ...(about === '' ? {} : { 'aria-describedby': about }),
    ...(props.maxLength === undefined ? {} : { maxLength: props.maxLength }),
    ...(props.inputMode === undefined ? {} : { inputMode: props.inputMode }),
    ...(autoFocus ? { autoFocus } : {}),
    ...(props.readOnly === true ? { readOnly: true } : {}),
  }
  return (
    <div className={styles.field} data-field>
      <label htmlFor={id}>{label}</label>
      <div className={styles.inputRow}>
        {multiline === undefined ? (
          <input {...common} type={type === 'password' && shown ? 'text' : type} />
        ) : (
          <textarea {...common} rows={multiline} />
        )}
        {type === 'password' && (
          <button
            type="button"
            className={styles.reveal}
            aria-pressed={shown}
            aria-label={words.t(shown ? 'web.item.hide-field' : 'web.item.show-field', { field: label.toLowerCase() })}
            onClick={() => setShown(!shown)}
          >
            <Icon name={shown ? 'eye-off' : 'eye'} />
          </button>
        )}
      </div>
      {action}
      {isWrong && (
        <p id={`${id}-error`} className={styles.fieldError}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p id={`${id}-hint`} className={styles.hint}>
          {hint}
        </p>
      )}
    </div>
  )
}

export function Choice({
  label,
  value,
  options,
  onChange,
}: {
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, text: string])[]
  readonly onChange: (value: string) => void
}): ReactNode {
  const id = useId()
  return (
    <div className={styles.choice}>
      <label htmlFor={id}>{label}</label>
      <select id={id} className={styles.select} value={value} onChange={(event) => onChange(event.target.value)}>
        {options.map(([key, text]) => (
          <option key={key} value={key}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}

/** Something that is on or off, and takes effect at once. */
export function Switch({
  label,
  on,
  onChange,
}: {
  readonly label: string
  readonly on: boolean
  readonly onChange: (on: boolean) => void
}): ReactNode {
  return (
    <label className={styles.switch}>
      <span>{label}</span>
      <input type="checkbox" role="switch" checked={on} onChange={(event) => onChange(event.target.checked)} />
    </label>
  )
}

export function ErrorText({ children }: { readonly children: string | null }): ReactNode {
  return (
    <div role="alert" className={styles.errorSlot}>
      {children !== null && (
        <p className={styles.error}>
          <Icon name="warning" />
          <span>{children}</span>
        </p>
      )}
    </div>
  )
}

export function Empty({
  icon,
  title,
  text,
  whole = false,
  children,
}: {
  readonly icon: IconName
  readonly title: string
  readonly text?: string | undefined
  /** it is all that the window shows, so its title is the page's */
  readonly whole?: boolean
  readonly children?: ReactNode
}): ReactNode {
  const Title = whole ? 'h1' : 'p'
  return (
    <div className={styles.empty}>
      <Icon name={icon} />
      <Title className={styles.emptyTitle}>{title}</Title>
      {text !== undefined && <p>{text}</p>}
      {children !== undefined && <div className={styles.emptyActions}>{children}</div>}
    </div>
  )
}

export function textOfForm(form: HTMLFormElement, name: string): string {
  const value = new FormData(form).get(name)
  return typeof value === 'string' ? value : ''
}
