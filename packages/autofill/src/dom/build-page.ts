/**
 * Document → page model. Reads attributes and text, never a value, and asks for no layout (`visible` apart, where it is asked for). What it
 * costs is paid while a page loads, so everything is read once and only if a field needs it.
 */
import type { FieldModel, FormModel, OptionModel, PageModel } from '../model.ts'
import { findContainers, findFields, type FindOptions } from './find-fields.ts'
import { attr, clean, listsOf, namesOf, ofDocument, up, type FieldElement, type Root } from './read-dom.ts'
import { readForm } from './read-form.ts'

export type { FieldElement } from './read-dom.ts'

export interface BuiltPage {
  readonly model: PageModel
  /** Same order as `model.fields`. */
  readonly elements: readonly FieldElement[]
  /** The document shows a password, so shadow roots were not looked for: they may hold more fields, which `everyHost` finds. */
  readonly partial: boolean
}

export interface BuildOptions extends FindOptions {
  /** Ask `checkVisibility` for each field: computes style. Without it `visible` stays undefined. */
  readonly visibility?: boolean
}

const silent = new Set(['script', 'style', 'option', 'noscript', 'template'])
const walls = new Set(['form', 'body', 'fieldset'])

/** A letter, as near as it matters: classes of Unicode take longer to compile than a page has time for. */
const letter = /[A-Za-zªµºÀ-ÖØ-öø-\u1fff\u2c00-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff21-\uffdc]/

/** Text just before a field, as far as the field before it does not stand between. */
function textBefore(field: Element, previous: Element | undefined): string {
  let node: Node = field
  for (let level = 0; level < 5; level++) {
    for (let sibling = node.previousSibling; sibling !== null; sibling = sibling.previousSibling) {
      if (sibling.nodeType === 3) {
        const text = clean(sibling.nodeValue, 80)
        if (letter.test(text)) return text
      } else if (sibling.nodeType === 1) {
        const element = sibling as Element
        if (silent.has(element.localName)) continue
        if (previous !== undefined && element.contains(previous)) return ''
        const text = (element.textContent ?? '').trim()
        if (text !== '') return clean(text.slice(-200), 200).slice(-80)
      }
    }
    const parent: Node | null = node.parentNode
    if (parent === null || parent.nodeType !== 1 || walls.has((parent as Element).localName)) return ''
    node = parent
  }
  return ''
}

/** Label elements by the id they are for. Texts are read for the fields that there are, not for every label. */
function labelsById(roots: readonly Root[]): Map<string, Element[]> {
  const found = new Map<string, Element[]>()
  for (const root of roots) {
    // a browser finds the elements of a tag by a short way, and tries `label[for]` on every element
    const all = root.querySelectorAll('label')
    for (let at = 0; at < all.length; at++) {
      const label = all[at] as Element
      const target = attr(label, 'for')
      if (target === '') continue
      const list = found.get(target)
      if (list === undefined) found.set(target, [label])
      else list.push(label)
    }
  }
  return found
}

function labelText(element: FieldElement, id: string, own: (name: string) => string, labels: Map<string, Element[]>): string {
  let text = ''
  for (const label of id === '' ? [] : (labels.get(id) ?? [])) text += ` ${clean(label.textContent, 200)}`
  const around = up(element, 'label')
  if (around !== null && attr(around, 'for') === '') text += ` ${clean(around.textContent, 200)}`
  const named = own('aria-labelledby')
  if (named !== '') {
    const scope = element.getRootNode() as Root
    for (const each of named.split(/\s+/).slice(0, 4))
      if (each !== '') text += ` ${clean(scope.getElementById(each)?.textContent ?? '', 100)}`
  }
  return clean(`${text} ${own('aria-label')}`, 200)
}

function labelBehind(element: Element): string {
  const next = element.nextElementSibling
  return next !== null && next.localName === 'label' && attr(next, 'for') === '' ? clean(next.textContent, 80) : ''
}

function optionsOf(select: HTMLSelectElement): OptionModel[] {
  const found: OptionModel[] = []
  const { options } = select
  for (let at = 0; at < options.length && at < 64; at++) {
    const option = options[at] as HTMLOptionElement
    found.push({ value: option.value.slice(0, 60), text: clean(option.textContent, 60) })
  }
  return found
}

const further = ['ng-model', 'formcontrolname', 'data-stripe', 'data-testid', 'data-encrypted-name']

function fieldOf(
  element: FieldElement,
  previous: FieldElement | undefined,
  form: number,
  labels: Map<string, Element[]>,
  visibility: boolean,
): FieldModel {
  // most fields have few attributes, and to be told which is less than to ask for each
  const names = namesOf(element)
  const own = (name: string): string => (names.includes(name) ? attr(element, name) : '')
  const id = own('id')
  const text = labelText(element, id, own, labels)
  let extra = ''
  for (const name of further) if (names.includes(name)) extra += ` ${attr(element, name)}`
  const isSelect = element.localName === 'select'
  return {
    tag: element.localName as FieldModel['tag'],
    type: element.type,
    name: own('name').slice(0, 120),
    id: id.slice(0, 120),
    autocomplete: own('autocomplete').slice(0, 120),
    placeholder: clean(own('placeholder'), 120),
    labelText: text,
    title: clean(own('title'), 120),
    before: text === '' ? textBefore(element, previous) || labelBehind(element) : '',
    maxLength: Number.parseInt(own('maxlength') || '-1', 10),
    pattern: own('pattern').slice(0, 120),
    inputMode: own('inputmode').toLowerCase(),
    extra: extra.trim().slice(0, 120),
    options: isSelect ? optionsOf(element as HTMLSelectElement) : [],
    form,
    visible: visibility ? element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) : undefined,
    disabled: element.disabled,
    readOnly: !isSelect && (element as HTMLInputElement).readOnly,
    passwordRules: own('passwordrules').slice(0, 512),
  }
}

export function buildPage(document: Document, options: BuildOptions = {}): BuiltPage {
  const url = ofDocument(document, 'URL')
  const { elements, roots, partial } = findFields(document, options)
  const made = (forms: readonly FormModel[], fields: readonly FieldModel[]): BuiltPage => ({
    model: {
      url,
      // as those of a form, read when it is asked for
      get title() {
        return clean(ofDocument(document, 'title'), 200)
      },
      forms,
      fields,
    },
    elements,
    partial,
  })
  // the usual page has no field at all
  if (elements.length === 0) return made([], [])
  const labels = labelsById(roots)
  let levels: readonly NodeListOf<Element>[] | undefined
  const headings = (): readonly NodeListOf<Element>[] => (levels ??= listsOf(document, ['h1', 'h2', 'h3', 'h4']))
  const owners = elements.map((element) => element.form)
  const containers = findContainers(
    elements.filter((_, at) => owners[at] === null),
    roots,
  )
  const places = new Map<Element, number>()
  const forms: FormModel[] = []
  const placeOf = (element: FieldElement, owner: Element | null): number => {
    const form = owner ?? containers.get(element)
    if (form === undefined) return -1
    let place = places.get(form)
    if (place === undefined) {
      place = forms.length
      places.set(form, place)
      forms.push(readForm(form, headings))
    }
    return place
  }
  const fields = elements.map((element, at) =>
    fieldOf(element, elements[at - 1], placeOf(element, owners[at] ?? null), labels, options.visibility === true),
  )
  return made(forms, fields)
}
