/**
 * Field values as they come in: `NAME=VALUE` for what everybody may see, `NAME=@FILE` and `NAME=-` for secrets. A secret written
 * into the line is refused before anything is read or opened.
 */
import { readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { NokkelError, utf8Decode, type CborValue } from '@nokkel/base'
import { findFieldRule, isSecretField, type FieldRule } from '@nokkel/keychain'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'

/** Longer than any field: what is really too long is said by the keychain with the field's own limit. */
const mostBytes = 1_048_576

export interface FieldAssignment {
  readonly name: string
  readonly from: 'line' | 'file' | 'stdin'
  /** the value, or the file's path */
  readonly text: string
}

/** Throws `usage`, `field-unknown` and `secret-in-argument`; the errors never repeat the value. */
export function parseAssignments(kind: string, assignments: readonly string[], context: Context): FieldAssignment[] {
  const parsed = assignments.map((assignment) => parseAssignment(kind, assignment, context))
  if (parsed.filter(({ from }) => from === 'stdin').length > 1 && !context.prompt.stdinIsTerminal) throw usageError('stdin-twice')
  return parsed
}

function parseAssignment(kind: string, assignment: string, { messages }: Context): FieldAssignment {
  const at = assignment.indexOf('=')
  if (at <= 0) throw usageError('invalid-value', { option: '--field', expected: messages.t('expected.name-value') })
  const name = assignment.slice(0, at)
  const value = assignment.slice(at + 1)
  const custom = /^custom:./.test(name)
  const rule = findFieldRule(kind, name)
  if (rule === undefined && !custom) throw new NokkelError('field-unknown', { field: name })
  if (value === '-') return { name, from: 'stdin', text: '' }
  if (value.startsWith('@') && !value.startsWith('@@')) return { name, from: 'file', text: value.slice(1) }
  if (rule !== undefined && isSecretField(kind, name, '')) throw new NokkelError('secret-in-argument', { option: `--field ${name}` })
  return { name, from: 'line', text: value.startsWith('@@') ? value.slice(1) : value }
}

/** Reads files and standard input and asks where that is a terminal. A custom field is hidden when its value was. */
export async function readAssignment(kind: string, { name, from, text }: FieldAssignment, context: Context): Promise<CborValue> {
  const rule = findFieldRule(kind, name)
  const value = from === 'line' ? text : await readHiddenValue(name, rule, from, text, context)
  if (rule !== undefined) return typeof value === 'string' ? toFieldValue(rule, value, context) : value
  if (typeof value !== 'string') throw new NokkelError('malformed', { what: name })
  return [value, from !== 'line']
}

async function readHiddenValue(
  name: string,
  rule: FieldRule | undefined,
  from: 'file' | 'stdin',
  path: string,
  context: Context,
): Promise<string | Uint8Array> {
  if (from === 'stdin' && context.prompt.stdinIsTerminal) {
    const { messages, prompt } = context
    return prompt.hidden(messages.t('ask.field', { field: fieldLabel(context, name) }))
  }
  const bytes =
    from === 'stdin' ? await context.prompt.readAll(mostBytes) : new Uint8Array(readFileSync(isAbsolute(path) ? path : resolve(path)))
  return rule?.type === 'bytes' ? bytes : utf8Decode(bytes).replace(/\r?\n$/, '')
}

function toFieldValue(rule: FieldRule, text: string, { messages }: Context): CborValue {
  if (rule.type === 'uint') {
    if (!/^\d{1,9}$/.test(text))
      throw usageError('invalid-value', { option: `--field ${rule.name}`, expected: messages.t('expected.number') })
    return Number.parseInt(text, 10)
  }
  if (rule.type === 'bool') {
    if (text !== 'true' && text !== 'false')
      throw usageError('invalid-value', { option: `--field ${rule.name}`, expected: messages.t('expected.yes-no') })
    return text === 'true'
  }
  if (rule.type === 'bytes') throw usageError('not-editable', { field: rule.name, fieldName: messages.label('field', rule.name) })
  return text
}

export function fieldLabel({ messages }: Context, name: string): string {
  return name.startsWith('custom:') ? name.slice('custom:'.length) : messages.label('field', name)
}
