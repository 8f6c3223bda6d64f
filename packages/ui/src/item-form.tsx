/**
 * The form of an item, for every kind, in the web app and in the popup: what cannot be stored is said at its field, and only what was changed is
 * handed on, so that two devices can change different fields. What becomes of it is the app's. A secret stands in the properties of the fields
 * alone, never in the document.
 */
import { isNokkelError } from '@nokkel/base'
import { readItemForm, siteLines, tagLine, textBefore, typedRules, type Draft, type FormItem, type FormRead } from '@nokkel/keychain'
import { useEffect, useRef, useState, type FormEvent, type ReactNode, type RefObject } from 'react'
import { useAction } from './action.ts'
import styles from './item-form.module.css'
import { useFieldLabels, useItemWords } from './item-words.tsx'
import { Button, ErrorText, Field } from './parts.tsx'

/** What stands in the form, against what stood there before. */
export function readFormElement(form: HTMLFormElement, kind: string, item: FormItem | null): FormRead {
  const values = new FormData(form)
  return readItemForm(kind, item, (name) => {
    const value = values.get(name)
    return typeof value === 'string' ? value : null
  })
}

/** At which field of the form the worker found fault; null where it is at none. */
function fieldOf(error: unknown, names: readonly string[]): string | null {
  if (!isNokkelError(error, 'malformed', 'too-large')) return null
  const named = String(error.params['field'] ?? error.params['what'] ?? '').split(':', 1)[0] ?? ''
  const name = named === 'site' ? 'sites' : named === 'tag' ? 'tags' : named
  return names.includes(name) ? name : null
}

export interface ItemFormProps {
  readonly kind: string
  /** what is edited, with its secrets; null: a new one */
  readonly item: FormItem | null
  /** what stands in a new one's fields at first */
  readonly prefill?: Readonly<Record<string, string>>
  readonly form: RefObject<HTMLFormElement | null>
  readonly save: (draft: Draft) => Promise<void>
  readonly generatePassword: () => Promise<string>
  readonly onLeave: () => void
  /** above its buttons, and instead of the one that saves */
  readonly notice?: ReactNode
  readonly saveLabel?: string | undefined
}

export function ItemForm(props: ItemFormProps): ReactNode {
  const { kind, item, prefill = {}, form, save, generatePassword, onLeave, notice, saveLabel } = props
  const words = useItemWords()
  const labelOf = useFieldLabels()
  const { busy, error, thrown, run } = useAction()
  const secret = useRef<HTMLInputElement | HTMLTextAreaElement | null>(null)
  const [faults, setFaults] = useState<FormRead['faults']>(new Map())
  /** the number that was doubted: saved again as it is, it is meant */
  const [doubted, setDoubted] = useState<string | null>(null)
  const rules = typedRules(kind)
  const present = (name: string): string => (item === null ? (prefill[name] ?? '') : textBefore(item, name))
  const custom = item?.fields.filter(({ name }) => name.startsWith('custom:')) ?? []
  const withSites = kind === 'password'
  const refusedAt = fieldOf(thrown, [...rules.map(({ name }) => name), 'sites', 'tags'])
  const labelAt = (name: string): string => (name === 'sites' || name === 'tags' ? words.t(`web.edit.${name}`) : words.label('field', name))
  const faultAt = (name: string): string | null => {
    const fault = faults.get(name)
    if (fault !== undefined) return words.t(`web.edit.wrong.${fault}`)
    if (name === 'number' && doubted !== null) return words.t('web.edit.number-unsure')
    if (name !== refusedAt) return null
    return isNokkelError(thrown, 'too-large') ? error : words.t('web.edit.wrong.field', { field: labelAt(name) })
  }
  // where it is to be put right, and not behind what stays in sight below
  useEffect(() => {
    const first = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')
    first?.focus({ preventScroll: true })
    first?.closest('[data-field]')?.scrollIntoView({ block: 'center' })
  }, [faults, doubted, refusedAt, form])

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const read = readFormElement(event.currentTarget, kind, item)
    setFaults(read.faults)
    if (read.faults.size > 0) return
    const number = read.cardNumberUnsure ? String(read.draft.find(([name]) => name === 'number')?.[1]) : null
    setDoubted(number)
    if (number !== null && number !== doubted) return
    run(() => save(read.draft))
  }
  const generate = async (): Promise<void> => {
    const password = await generatePassword()
    const element = secret.current
    if (element === null) return
    element.value = password
    // what was made is to be seen
    if (element instanceof HTMLInputElement && element.type === 'password') element.parentElement?.querySelector('button')?.click()
    element.focus()
  }

  return (
    <form ref={form} method="post" className={styles.form} onSubmit={submit}>
      {rules.map(({ name, type, max }) => {
        if (type === 'bool' || name === 'expiryMonth' || name === 'expiryYear' || name === 'notes') return null
        const isSecret = type === 'secret'
        const generates = name === 'password' && isSecret
        return (
          <Field
            key={name}
            name={name}
            label={words.label('field', name)}
            error={faultAt(name)}
            type={isSecret ? 'password' : 'text'}
            initial={present(name)}
            maxLength={max}
            mono={isSecret}
            required={name === 'title'}
            autoFocus={name === 'title'}
            autoComplete={generates ? 'new-password' : 'off'}
            {...(name === 'number' ? { inputMode: 'numeric' as const } : {})}
            hint={name === 'totp' ? words.t('web.edit.totp-about') : name === 'number' ? words.t('web.item.no-security-code') : undefined}
            {...(generates
              ? {
                  inputRef: (element: HTMLInputElement | HTMLTextAreaElement | null) => {
                    secret.current = element
                  },
                  action: (
                    <span className={styles.generate}>
                      <Button look="quiet" icon="dice" onPress={() => run(generate)}>
                        {words.t('web.edit.generate')}
                      </Button>
                    </span>
                  ),
                }
              : {})}
          />
        )
      })}
      {kind === 'card' && (
        <fieldset className={styles.pair}>
          <legend>{words.t('web.item.expiry')}</legend>
          <Field
            name="expiryMonth"
            label={words.t('web.item.expiry-month')}
            error={faultAt('expiryMonth')}
            initial={present('expiryMonth')}
            inputMode="numeric"
            maxLength={2}
          />
          <Field
            name="expiryYear"
            label={words.t('web.item.expiry-year')}
            error={faultAt('expiryYear')}
            initial={present('expiryYear')}
            inputMode="numeric"
            maxLength={4}
          />
        </fieldset>
      )}
      {withSites && (
        <Field
          name="sites"
          label={words.t('web.edit.sites')}
          hint={words.t('web.edit.sites-about')}
          error={faultAt('sites')}
          initial={item === null ? present('sites') : siteLines(item)}
          multiline={2}
          inputMode="url"
        />
      )}
      <Field
        name="notes"
        label={words.label('field', 'notes')}
        error={faultAt('notes')}
        initial={present('notes')}
        multiline={kind === 'note' ? 10 : 3}
      />
      {custom.map(({ name, text }) => (
        <Field key={name} name={name} label={labelOf(name)} initial={text ?? ''} readOnly />
      ))}
      <Field
        name="tags"
        label={words.t('web.edit.tags')}
        hint={words.t('web.edit.tags-about')}
        error={faultAt('tags')}
        initial={tagLine(item)}
      />
      <div className={styles.checks}>
        {rules
          .filter(({ type }) => type === 'bool')
          .map(({ name }) => (
            <label key={name} className={styles.check}>
              <input type="checkbox" name={name} defaultChecked={present(name) === 'true'} />
              <span>{words.label('field', name)}</span>
            </label>
          ))}
      </div>
      <div className={styles.answers}>
        {notice}
        <ErrorText>{refusedAt === null ? error : null}</ErrorText>
        <Button onPress={onLeave}>{words.t('web.cancel')}</Button>
        <Button look="main" type="submit" busy={busy}>
          {saveLabel ?? words.t('web.save')}
        </Button>
      </div>
    </form>
  )
}
