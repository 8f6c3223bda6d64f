/** The options that `add` and `edit` share, and how they become fields. */
import { NokkelError, systemRandom, type CborValue } from '@nokkel/base'
import { generatePassword, isSecretField } from '@nokkel/keychain'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'
import type { OptionSpecs, ParsedArgs } from '../command.ts'
import { fieldLabel, parseAssignments, readAssignment, type FieldAssignment } from './field-input.ts'

export const draftOptions = {
  title: { type: 'string', value: 'TEXT', about: 'option.title' },
  site: { type: 'string', value: 'URL', multiple: true, about: 'option.site' },
  username: { type: 'string', value: 'TEXT', about: 'option.username' },
  notes: { type: 'string', value: 'TEXT', about: 'option.notes' },
  tag: { type: 'string', value: 'TEXT', multiple: true, about: 'option.tag' },
  favorite: { type: 'boolean', about: 'option.favorite' },
  generate: { type: 'boolean', about: 'option.generate' },
  field: { type: 'string', value: 'NAME=…', multiple: true, about: 'option.field-set' },
} as const satisfies OptionSpecs

type DraftValues = ParsedArgs<typeof draftOptions>['values']

/** The field that an item of the kind is about, where a person can type it. */
const mainSecrets: Readonly<Record<string, string>> = { password: 'password', card: 'number', wifi: 'password', note: 'notes' }

export function mainSecretOf(kind: string): string | undefined {
  return Object.hasOwn(mainSecrets, kind) ? mainSecrets[kind] : undefined
}

export interface CheckedDraft {
  readonly fields: ReadonlyMap<string, CborValue>
  readonly assignments: readonly FieldAssignment[]
}

/** Everything that can be refused before the keychain is opened is refused here. */
export function checkDraft(kind: string, values: DraftValues, context: Context): CheckedDraft {
  const fields = new Map<string, CborValue>()
  const texts = { title: values.title, username: values.username, notes: values.notes }
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue
    if (isSecretField(kind, name, text) && name === mainSecretOf(kind)) throw new NokkelError('secret-in-argument', { option: `--${name}` })
    fields.set(name, text)
  }
  for (const site of values.site) fields.set(`site:${site}`, true)
  for (const tag of values.tag) fields.set(`tag:${tag}`, true)
  if (values.favorite) fields.set('favorite', true)
  const assignments = parseAssignments(kind, values.field, context)
  if (values.generate) {
    if (mainSecretOf(kind) !== 'password') throw new NokkelError('field-unknown', { field: 'password' })
    if (assignments.some(({ name }) => name === 'password'))
      throw usageError('not-together', { option: '--generate', other: '--field password' })
    fields.set('password', generatePassword(systemRandom))
  }
  return { fields, assignments }
}

export async function readDraft(kind: string, { fields, assignments }: CheckedDraft, context: Context): Promise<Map<string, CborValue>> {
  const all = new Map(fields)
  for (const assignment of assignments) all.set(assignment.name, await readAssignment(kind, assignment, context))
  return all
}

/** Asks for the secret that the item is about; empty means none. Only where standard input is a terminal. */
export async function askMainSecret(
  kind: string,
  fields: Map<string, CborValue>,
  context: Context,
  purpose: 'add' | 'edit',
): Promise<void> {
  const name = mainSecretOf(kind)
  const { messages, out, prompt } = context
  if (name === undefined || fields.has(name) || !prompt.stdinIsTerminal) return
  if (kind === 'note') {
    out.note(messages.t('ask.note'))
    const text = new TextDecoder().decode(await prompt.readAll(1_048_576)).replace(/\r?\n$/, '')
    if (text !== '') fields.set(name, text)
    return
  }
  const field = fieldLabel(context, name)
  const value = await prompt.hidden(purpose === 'add' ? messages.t('ask.field-or-none', { field }) : messages.t('ask.new-value', { field }))
  if (value !== '') fields.set(name, value)
}
