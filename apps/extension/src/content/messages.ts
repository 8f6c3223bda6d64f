/**
 * What content scripts and the background say to each other: the types of both directions, and the one reader of what comes from a page.
 * A page's process may be in hostile hands, so `readPageMessage` takes nothing on trust: it copies what fits the schema into fresh objects and
 * refuses the rest (A34). Who sent it (tab, frame, address) is never in the message: the browser says that.
 */
import type { CardFields, FillPlan, FormModel, FieldModel, OptionModel, PageModel } from '@nokkel/autofill'

/**
 * Content script → background. `docId` names one document for as long as it lives; `revision` one reading of its fields; `ancestors` are the
 * origins of the frames around, innermost first, `null` for one that the browser does not name.
 */
export type PageMessage =
  | {
      readonly type: 'page'
      readonly docId: string
      readonly revision: number
      /** HTTP status of the navigation that brought the document, 0 if the browser does not tell */
      readonly status: number
      readonly ancestors: readonly string[]
      readonly page: PageModel
    }
  /** A field has the focus: is there something to offer? Answer: `MenuAnswer`. */
  | {
      readonly type: 'focus'
      readonly docId: string
      readonly revision: number
      readonly ancestors: readonly string[]
      readonly page: PageModel
      readonly field: number
      readonly trusted: boolean
      /** the sign-in by passkey that waits for a choice at this field; null: none */
      readonly passkey: object | null
    }
  /** A message that names a site was pasted whole into a field for codes: its last line. Answer: the surface to open, or null. */
  | {
      readonly type: 'pasted'
      readonly docId: string
      readonly revision: number
      readonly ancestors: readonly string[]
      readonly page: PageModel
      readonly field: number
      readonly message: string
    }
  /** A person sent a form off. Nothing of what was typed leaves the page before that. */
  | {
      readonly type: 'submitted'
      readonly docId: string
      readonly page: PageModel
      /** index of the password, -1 if there is only a user name yet */
      readonly field: number
      readonly username: string
      readonly password: string
    }
  /** The same with a card: values by field, of the fields that the background named. The security code is never among them. */
  | { readonly type: 'card'; readonly docId: string; readonly page: PageModel; readonly values: readonly (readonly [number, string])[] }
  | { readonly type: 'outcome'; readonly docId: string; readonly event: 'form-gone' | 'error-shown' | 'settled' }
  | { readonly type: 'outcome'; readonly docId: string; readonly event: 'response'; readonly status: number }
  /** Our surface in the page was closed, and why; `fault` is for "why not?". */
  | { readonly type: 'closed'; readonly docId: string; readonly token: string; readonly fault: SurfaceFault | 'left' }

export interface MenuAnswer {
  /** opens the surface; null: nothing to offer */
  readonly open: { readonly token: string; readonly height: number } | null
  /** the fields of a card: what may be told when the form is sent off, and what never; null: there are none */
  readonly card: CardFields | null
  /** the field is for a code: a message with one may be pasted into it */
  readonly code: boolean
}

/** Background → content script of one frame. Answers beside the type. */
export type FrameMessage =
  | { readonly type: 'check'; readonly docId: string; readonly token: string } // CheckAnswer
  | { readonly type: 'fill'; readonly docId: string; readonly origin: string; readonly revision: number; readonly plan: FillPlan } // FillAnswer
  /** a passkey was chosen at the field: the request that waits goes on, under this ticket */
  | { readonly type: 'passkey'; readonly docId: string; readonly ticket: string }
  | { readonly type: 'bar'; readonly docId: string; readonly token: string; readonly height: number }
  | { readonly type: 'resize'; readonly docId: string; readonly token: string; readonly height: number }
  | { readonly type: 'close'; readonly docId: string; readonly token: string; readonly refocus: boolean }

export type SurfaceFault =
  'gone' | 'changed' | 'transparent' | 'moved' | 'small' | 'covered' | 'other-top-layer' | 'not-visible' | 'too-soon' | 'untrusted'
export interface CheckAnswer {
  readonly fault: SurfaceFault | null
}
export interface FillAnswer {
  readonly filled: readonly number[]
  readonly refused: readonly string[]
}

/** The name under which a frame's content script can be asked for its fields; lives in the isolated world, out of the page's reach. */
export const lookName = 'nokkelLook'
/** There too: the script has come into a page that was open already, where what has the focus has had it for long. */
export const lateName = 'nokkelLate'

const ceilings = { fields: 1000, forms: 300, options: 64, secret: 5_000, token: 64, cardFields: 16, cardText: 500, pasted: 800 } as const

type Shape = 'string' | 'number' | 'boolean'
const fieldShape: Readonly<Record<Exclude<keyof FieldModel, 'options' | 'visible' | 'tag'>, readonly [Shape, number]>> = {
  type: ['string', 40],
  name: ['string', 200],
  id: ['string', 200],
  autocomplete: ['string', 200],
  placeholder: ['string', 200],
  labelText: ['string', 400],
  title: ['string', 200],
  before: ['string', 200],
  maxLength: ['number', 0],
  pattern: ['string', 200],
  inputMode: ['string', 40],
  extra: ['string', 400],
  form: ['number', 0],
  disabled: ['boolean', 0],
  readOnly: ['boolean', 0],
  passwordRules: ['string', 1024],
}
const formShape: Readonly<Record<keyof FormModel, readonly [Shape, number]>> = {
  attributes: ['string', 1000],
  autocomplete: ['string', 200],
  buttons: ['string', 600],
  headings: ['string', 600],
  links: ['string', 800],
  actionOrigin: ['string', 300],
}

class Refused extends Error {}
const refuse = (): never => {
  throw new Refused()
}
type Row = Readonly<Record<string, unknown>>

function rowOf(value: unknown): Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Row) : refuse()
}
/** Own properties only: `__proto__` and the like are nobody's field. */
function own(row: Row, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : refuse()
}
function text(row: Row, name: string, most: number): string {
  const value = own(row, name)
  return typeof value === 'string' && value.length <= most ? value : refuse()
}
function whole(row: Row, name: string, least: number, most: number): number {
  const value = own(row, name)
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most ? value : refuse()
}
function list(row: Row, name: string, most: number): readonly unknown[] {
  const value = own(row, name)
  return Array.isArray(value) && value.length <= most ? (value as readonly unknown[]) : refuse()
}
function shaped<Out>(row: Row, shape: Readonly<Record<string, readonly [Shape, number]>>): Out {
  const out: Record<string, unknown> = {}
  for (const [name, [kind, most]] of Object.entries(shape)) {
    if (kind === 'string') out[name] = text(row, name, most)
    // NaN comes from an attribute that is no number
    else if (kind === 'number') out[name] = Number.isNaN(own(row, name)) ? -1 : whole(row, name, -1e9, 1e9)
    else out[name] = typeof own(row, name) === 'boolean' ? row[name] : refuse()
  }
  return out as Out
}

function fieldOf(value: unknown, forms: number): FieldModel {
  const row = rowOf(value)
  const tag = own(row, 'tag')
  if (tag !== 'input' && tag !== 'select' && tag !== 'textarea') return refuse()
  const visible = Object.hasOwn(row, 'visible') ? row['visible'] : undefined
  const options = list(row, 'options', ceilings.options).map((each): OptionModel => {
    const option = rowOf(each)
    return { value: text(option, 'value', 60), text: text(option, 'text', 60) }
  })
  const field = shaped<FieldModel>(row, fieldShape)
  if (field.form < -1 || field.form >= forms) return refuse()
  return { ...field, tag, options, visible: typeof visible === 'boolean' ? visible : undefined }
}

/** Throws `Refused` for what is none. */
function pageOf(value: unknown): PageModel {
  const row = rowOf(value)
  const forms = list(row, 'forms', ceilings.forms).map((each) => shaped<FormModel>(rowOf(each), formShape))
  return {
    url: text(row, 'url', 65_536),
    title: text(row, 'title', 300),
    forms,
    fields: list(row, 'fields', ceilings.fields).map((each) => fieldOf(each, forms.length)),
  }
}

const faults: readonly string[] = [
  'gone', 'changed', 'transparent', 'moved', 'small', 'covered', 'other-top-layer', 'not-visible', 'too-soon', 'untrusted', 'left',
] // prettier-ignore

function messageOf(row: Row): PageMessage {
  const docId = text(row, 'docId', ceilings.token)
  const type = own(row, 'type')
  if (type === 'page' || type === 'focus' || type === 'pasted') {
    const page = pageOf(own(row, 'page'))
    const revision = whole(row, 'revision', 0, Number.MAX_SAFE_INTEGER)
    const ancestors = list(row, 'ancestors', 32).map((each) => (typeof each === 'string' && each.length <= 300 ? each : refuse()))
    if (type === 'page') return { type, docId, revision, ancestors, page, status: whole(row, 'status', 0, 999) }
    const field = whole(row, 'field', 0, page.fields.length - 1)
    if (type === 'pasted') return { type, docId, revision, ancestors, page, field, message: text(row, 'message', ceilings.pasted) }
    return {
      type,
      docId,
      revision,
      ancestors,
      page,
      field,
      trusted: own(row, 'trusted') === true,
      // read and bounded where it is asked about
      passkey: Object.hasOwn(row, 'passkey') && row['passkey'] !== null ? rowOf(row['passkey']) : null,
    }
  }
  if (type === 'submitted') {
    const page = pageOf(own(row, 'page'))
    const field = whole(row, 'field', -1, page.fields.length - 1)
    return { type, docId, page, field, username: text(row, 'username', 1_000), password: text(row, 'password', ceilings.secret) }
  }
  if (type === 'card') {
    const page = pageOf(own(row, 'page'))
    const values = list(row, 'values', ceilings.cardFields).map((each): readonly [number, string] => {
      const [field, value] = Array.isArray(each) ? (each as readonly unknown[]) : refuse()
      const pair: Row = { field, value }
      return [whole(pair, 'field', 0, page.fields.length - 1), text(pair, 'value', ceilings.cardText)]
    })
    return { type, docId, page, values }
  }
  if (type === 'outcome') {
    const event = own(row, 'event')
    if (event === 'response') return { type, docId, event, status: whole(row, 'status', 0, 999) }
    return event === 'form-gone' || event === 'error-shown' || event === 'settled' ? { type, docId, event } : refuse()
  }
  if (type === 'closed') {
    const fault = own(row, 'fault')
    if (typeof fault !== 'string' || !faults.includes(fault)) return refuse()
    return { type, docId, token: text(row, 'token', ceilings.token), fault: fault as SurfaceFault }
  }
  return refuse()
}

/** null: not of the schema. */
export function readPageMessage(value: unknown): PageMessage | null {
  try {
    return messageOf(rowOf(value))
  } catch (error) {
    if (error instanceof Refused) return null
    throw error
  }
}
