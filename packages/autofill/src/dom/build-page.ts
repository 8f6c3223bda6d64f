/**
 * Document → page model. Reads attributes and text, never a value, and asks for no layout. A control named `id`, `action` or `attributes`
 * hides the form's own property of that name, so forms are read through `Element.prototype` only.
 */
import type { FieldModel, FormModel, OptionModel, PageModel } from '../model.ts'

export type FieldElement = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement

export interface BuiltPage {
  readonly model: PageModel
  /** Same order as `model.fields`. */
  readonly elements: readonly FieldElement[]
}

export interface BuildOptions {
  /** Opens closed shadow roots, e.g. `chrome.dom.openOrClosedShadowRoot`. Without it only open ones are seen. */
  readonly shadowRootOf?: (element: HTMLElement) => ShadowRoot | null
  /** Ask `checkVisibility` for each field: computes style. Without it `visible` stays undefined. */
  readonly visibility?: boolean
}

const skipped = new Set(['hidden', 'submit', 'button', 'checkbox', 'radio', 'image', 'file', 'reset', 'range', 'color'])
const most = 1000
const proto = Element.prototype
const attr = (element: Element, name: string): string => proto.getAttribute.call(element, name) ?? ''
const all = (element: Element, selector: string): NodeListOf<Element> => proto.querySelectorAll.call(element, selector)
const clean = (text: string | null, limit: number): string =>
  (text ?? '')
    .slice(0, limit * 4)
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, limit)
const visibleField = 'input:not([type=hidden],[type=checkbox],[type=radio],[type=submit],[type=button]),select,textarea'

function isField(element: Element): element is FieldElement {
  const tag = element.localName
  return tag === 'select' || tag === 'textarea' || (tag === 'input' && !skipped.has((element as HTMLInputElement).type))
}

/** Fields of this root in document order, those of shadow roots in the place of their host. */
function collect(
  root: Document | ShadowRoot,
  options: BuildOptions,
  into: FieldElement[],
  roots: (Document | ShadowRoot)[],
  depth: number,
): void {
  roots.push(root)
  for (const element of root.querySelectorAll('*')) {
    if (into.length >= most) return
    if (isField(element)) into.push(element)
    const custom = element.localName.includes('-')
    const shadow =
      element.shadowRoot ?? (custom && options.shadowRootOf !== undefined ? options.shadowRootOf(element as HTMLElement) : null)
    if (shadow !== null && depth < 16) collect(shadow, options, into, roots, depth + 1)
  }
}

function textBefore(field: Element): string {
  let node: Node = field
  for (let level = 0; level < 5; level++) {
    for (let sibling = node.previousSibling; sibling !== null; sibling = sibling.previousSibling) {
      if (sibling.nodeType === 3) {
        const text = clean(sibling.nodeValue, 80)
        if (/[\p{L}]/u.test(text)) return text
      } else if (sibling.nodeType === 1) {
        const element = sibling as Element
        const name = element.localName
        if (name === 'script' || name === 'style' || name === 'option' || name === 'noscript') continue
        if (isField(element) || proto.querySelector.call(element, visibleField) !== null) return ''
        const text = (element.textContent ?? '').trim()
        if (text !== '') return clean(text.slice(-200), 200).slice(-80)
      }
    }
    const parent: Node | null = node.parentNode
    if (parent === null || parent.nodeType !== 1) return ''
    const name = (parent as Element).localName
    if (name === 'form' || name === 'body' || name === 'fieldset') return ''
    node = parent
  }
  return ''
}

function labelsOf(roots: readonly (Document | ShadowRoot)[]): { byFor: Map<string, string>; wrapping: Map<Element, string> } {
  const byFor = new Map<string, string>()
  const wrapping = new Map<Element, string>()
  for (const root of roots) {
    for (const label of root.querySelectorAll('label')) {
      const text = clean(label.textContent, 200)
      const target = attr(label, 'for')
      if (target !== '') byFor.set(target, `${byFor.get(target) ?? ''} ${text}`.trim())
      else wrapping.set(label, text)
    }
  }
  return { byFor, wrapping }
}

function optionsOf(select: HTMLSelectElement): OptionModel[] {
  const found: OptionModel[] = []
  for (const option of select.options) {
    if (found.length >= 64) break
    found.push({ value: option.value.slice(0, 60), text: clean(option.textContent, 60) })
  }
  return found
}

function formOf(form: Element, headings: readonly Element[]): FormModel {
  let buttons = ''
  let links = ''
  let own = ''
  for (const element of all(form, 'button,input,a,[role=button],h1,h2,h3,h4,legend,label')) {
    const name = element.localName
    if (name === 'input') {
      const type = attr(element, 'type').toLowerCase()
      if (type === 'submit' || type === 'button' || type === 'image')
        buttons += ` ${attr(element, 'value')} ${attr(element, 'alt')} ${attr(element, 'name')}`
      else if (type === 'checkbox') links += ` ${attr(element, 'name')}`
    } else if (name === 'button' || attr(element, 'role') === 'button')
      buttons += ` ${clean(element.textContent, 60)} ${attr(element, 'aria-label')}`
    else if (name === 'a' || name === 'label') links += ` ${clean(element.textContent, 80)}`
    else own += ` ${clean(element.textContent, 80)}`
  }
  let heading = ''
  for (const each of headings) {
    // 2: precedes
    if ((form.compareDocumentPosition(each) & 2) !== 0) heading = clean(each.textContent, 80)
  }
  let action = attr(form, 'action')
  let actionOrigin = ''
  const absolute = /^https?:\/\//i.test(action) ? URL.parse(action) : null
  if (absolute !== null) {
    actionOrigin = absolute.origin
    action = absolute.pathname
  }
  return {
    attributes: `${attr(form, 'id')} ${attr(form, 'name')} ${attr(form, 'class').slice(0, 100)} ${action.replace(/[?#].*/, '').slice(0, 120)} ${attr(form, 'aria-label')}`,
    autocomplete: attr(form, 'autocomplete').trim().toLowerCase(),
    buttons: clean(buttons, 300),
    headings: clean(`${own} ${own === '' ? heading : ''}`, 300),
    links: clean(links, 400),
    actionOrigin,
  }
}

export function buildPage(document: Document, options: BuildOptions = {}): BuiltPage {
  const elements: FieldElement[] = []
  const roots: (Document | ShadowRoot)[] = []
  const url = document.location?.href ?? document.URL
  const root = document.documentElement
  const lang = root === null ? '' : attr(root, 'lang')
  const title = clean(document.querySelector('title')?.textContent ?? '', 200)
  // the usual page has no field at all
  collect(document, options, elements, roots, 0)
  if (elements.length === 0) return { model: { url, title, lang, forms: [], fields: [] }, elements }
  const { byFor, wrapping } = labelsOf(roots)
  const headings = [...document.querySelectorAll('h1,h2,h3,h4')].slice(0, 60)
  const formIndex = new Map<Element, number>()
  const forms: FormModel[] = []
  const fields = elements.map((element): FieldModel => {
    const form = element.form
    let at = -1
    if (form !== null) {
      at = formIndex.get(form) ?? forms.length
      if (at === forms.length) {
        formIndex.set(form, at)
        forms.push(formOf(form, headings))
      }
    }
    const id = attr(element, 'id')
    const scope = element.getRootNode() as Document | ShadowRoot
    const described = attr(element, 'aria-labelledby')
      .split(/\s+/)
      .filter((each) => each !== '')
      .slice(0, 4)
      .map((each) => clean(scope.getElementById(each)?.textContent ?? '', 100))
    const wrap = element.closest('label')
    const labelText = clean(
      [
        id === '' ? '' : (byFor.get(id) ?? ''),
        wrap === null ? '' : (wrapping.get(wrap) ?? ''),
        ...described,
        attr(element, 'aria-label'),
      ].join(' '),
      200,
    )
    const next = element.nextElementSibling
    const after = next !== null && next.localName === 'label' && attr(next, 'for') === '' ? clean(next.textContent, 80) : ''
    const isSelect = element.localName === 'select'
    return {
      tag: element.localName as FieldModel['tag'],
      type: element.type,
      name: attr(element, 'name').slice(0, 120),
      id: id.slice(0, 120),
      autocomplete: attr(element, 'autocomplete').slice(0, 120),
      placeholder: clean(attr(element, 'placeholder'), 120),
      labelText,
      title: clean(attr(element, 'title'), 120),
      before: labelText === '' ? textBefore(element) || after : '',
      className: attr(element, 'class').slice(0, 120),
      maxLength: Number.parseInt(attr(element, 'maxlength') || '-1', 10),
      pattern: attr(element, 'pattern').slice(0, 120),
      inputMode: attr(element, 'inputmode').toLowerCase(),
      extra:
        `${attr(element, 'ng-model')} ${attr(element, 'formcontrolname')} ${attr(element, 'data-stripe')} ${attr(element, 'data-testid')} ${attr(element, 'data-encrypted-name')}`
          .trim()
          .slice(0, 120),
      options: isSelect ? optionsOf(element as HTMLSelectElement) : [],
      form: at,
      visible: options.visibility === true ? element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) : undefined,
      disabled: element.disabled,
      readOnly: !isSelect && (element as HTMLInputElement).readOnly,
      passwordRules: attr(element, 'passwordrules').slice(0, 512),
    }
  })
  return { model: { url, title, lang, forms, fields }, elements }
}
