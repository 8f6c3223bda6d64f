/** Adding and editing, one form for every kind. Only what was changed is sent, so that two devices can change different fields. */
import { useRef, type FormEvent, type ReactNode } from 'react'
import { fieldRules, isItemKind, type ItemKind } from '@nokkel/keychain'
import { useAction, useAnswer, useWords } from '../app/state.tsx'
import { call } from '../app/worker-client.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Button, ErrorText, Field, textOfForm } from '../ui/parts.tsx'
import type { ItemShown } from '../worker/protocol.ts'
import { useFieldLabels } from './item-fields.tsx'
import styles from './item.module.css'

interface Props {
  readonly kind: string
  readonly id?: string
  readonly onClose: () => void
  readonly onSaved: (id: string) => void
}

export function EditItem({ kind, id, onClose, onSaved }: Props): ReactNode {
  const words = useWords()
  const { value: item, error } = useAnswer(async () => (id === undefined ? 'new' : await call('itemForEdit', id)), [id])
  const title =
    id === undefined && (kind === 'password' || kind === 'card' || kind === 'wifi' || kind === 'note')
      ? words.t(`web.edit.new.${kind}`)
      : words.t('web.edit.title', { title: item === null || item === 'new' ? '' : item.title })
  return (
    <Dialog title={title} onClose={onClose} wide>
      {error !== null && <ErrorText>{words.t('web.item.gone')}</ErrorText>}
      {item !== null && <Form kind={kind} item={item === 'new' ? null : item} onClose={onClose} onSaved={onSaved} />}
    </Dialog>
  )
}

const lines = (text: string): string[] => [
  ...new Set(
    text
      .split(/[\n,]/)
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  ),
]

function Form({
  kind,
  item,
  onClose,
  onSaved,
}: {
  readonly kind: string
  readonly item: ItemShown | null
  readonly onClose: () => void
  readonly onSaved: (id: string) => void
}): ReactNode {
  const words = useWords()
  const labelOf = useFieldLabels()
  const { busy, error, run } = useAction()
  const secret = useRef<HTMLInputElement | HTMLTextAreaElement | null>(null)
  const rules = (isItemKind(kind) ? fieldRules[kind] : []).filter(({ type }) => type !== 'bytes')
  const present = (name: string): string => item?.fields.find((field) => field.name === name)?.text ?? ''
  const custom = item?.fields.filter(({ name }) => name.startsWith('custom:')) ?? []
  const withSites = kind === 'password'

  const submit = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const form = event.currentTarget
    const draft: [string, string | number | boolean | null][] = []
    for (const { name, type } of rules) {
      const before = present(name)
      if (type === 'bool') {
        const checked = new FormData(form).get(name) === 'on'
        if (checked !== (before === 'true')) draft.push([name, checked])
        continue
      }
      const text = textOfForm(form, name).replaceAll('\r\n', '\n')
      if (text === before) continue
      // not Number(): an empty field takes the value away instead of making it 0
      draft.push([name, type === 'uint' ? (/^\d{1,4}$/.test(text.trim()) ? Number.parseInt(text, 10) : null) : text])
    }
    const elements = (prefix: 'site' | 'tag', next: readonly string[], before: readonly string[]): void => {
      for (const each of next) if (!before.includes(each)) draft.push([`${prefix}:${each}`, true])
      for (const each of before) if (!next.includes(each)) draft.push([`${prefix}:${each}`, null])
    }
    if (withSites) elements('site', lines(textOfForm(form, 'sites')), item?.sites ?? [])
    elements('tag', lines(textOfForm(form, 'tags')), item?.tags ?? [])
    run(async () => {
      if (item === null) {
        onSaved(await call('add', kind as ItemKind, draft))
        return
      }
      if (draft.length > 0) await call('edit', item.id, draft)
      onSaved(item.id)
    })
  }
  const generate = async (): Promise<void> => {
    const password = await call('generatePassword')
    const element = secret.current
    if (element === null) return
    element.value = password
    // what was made is to be seen
    if (element instanceof HTMLInputElement && element.type === 'password') element.parentElement?.querySelector('button')?.click()
    element.focus()
  }

  return (
    <form method="post" className={styles.form} onSubmit={submit}>
      {rules.map(({ name, type, max }) => {
        if (type === 'bool' || name === 'expiryMonth' || name === 'expiryYear' || name === 'notes') return null
        const isSecret = type === 'secret'
        const generates = name === 'password' && isSecret
        return (
          <Field
            key={name}
            name={name}
            label={words.label('field', name)}
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
                      <Button look="quiet" icon="dice" onPress={() => void generate()}>
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
            initial={present('expiryMonth')}
            inputMode="numeric"
            maxLength={2}
          />
          <Field
            name="expiryYear"
            label={words.t('web.item.expiry-year')}
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
          initial={item?.sites.join('\n') ?? ''}
          multiline={2}
          inputMode="url"
        />
      )}
      <Field name="notes" label={words.label('field', 'notes')} initial={present('notes')} multiline={kind === 'note' ? 10 : 3} />
      {custom.map(({ name, text }) => (
        <Field key={name} name={name} label={labelOf(name)} initial={text ?? ''} readOnly />
      ))}
      <Field name="tags" label={words.t('web.edit.tags')} hint={words.t('web.edit.tags-about')} initial={item?.tags.join(', ') ?? ''} />
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
      <ErrorText>{error}</ErrorText>
      <div className={styles.dialogActions}>
        <Button onPress={onClose}>{words.t('web.cancel')}</Button>
        <Button look="main" type="submit" busy={busy}>
          {words.t('web.save')}
        </Button>
      </div>
    </form>
  )
}
