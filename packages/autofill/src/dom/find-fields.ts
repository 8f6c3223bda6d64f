/**
 * The fields of a document in document order, those of shadow roots in the place of their host; and what surrounds those that stand in no
 * form. Asks for no layout.
 */
import { buttonSelector, isField, parentOf, type FieldElement, type Root } from './read-dom.ts'

/** A page has no more fields than this for us: hostile pages may have any number. */
const most = 1000
const deepest = 16

export interface FindOptions {
  /** Opens closed shadow roots, e.g. `chrome.dom.openOrClosedShadowRoot`. Without it only open ones are seen. */
  readonly shadowRootOf?: ((element: HTMLElement) => ShadowRoot | null) | undefined
  /**
   * Look for shadow roots in every element and not only in custom and empty ones. For the second look, when a field that the first did not
   * find has the focus: it takes twice as long.
   */
  readonly everyHost?: boolean
}

function shadowOf(element: Element, shadowRootOf: FindOptions['shadowRootOf']): ShadowRoot | null {
  if (element.shadowRoot !== null) return element.shadowRoot
  // closed roots that matter belong to custom elements; asking for every element would cost a call each
  return shadowRootOf !== undefined && element.localName.includes('-') ? shadowRootOf(element as HTMLElement) : null
}

/**
 * Selects fields and custom elements, which hold nearly all shadow roots, by naming what else HTML has: custom elements have no selector of
 * their own, and to touch every element from script costs more than all the rest of the page model. The most usual go first.
 */
const quickSelector = `:not(${(
  'a div:not(:empty) li span:not(:empty) p script img option td tr br i b strong path ul em link meta style label svg button table tbody font dt dd dl form h1 h2 h3 ' +
  'h4 h5 h6 html head body title center noscript iframe g use hr small u th fieldset legend section:not(:empty) header footer nav article main:not(:empty) aside ' +
  'blockquote ol pre code picture source video audio canvas figure figcaption details summary template thead tfoot col colgroup sup sub abbr ' +
  'address cite time optgroup map area circle rect defs object param embed base'
).replaceAll(' ', ',')})`

function walk(root: Root, options: FindOptions, everyElement: boolean, into: FieldElement[], roots: Root[], depth: number): void {
  roots.push(root)
  const list = root.querySelectorAll(everyElement ? '*' : quickSelector)
  for (let at = 0; at < list.length && into.length < most; at++) {
    const element = list[at] as Element
    if (isField(element)) into.push(element)
    else {
      const shadow = shadowOf(element, options.shadowRootOf)
      if (shadow !== null && depth < deepest) walk(shadow, options, everyElement, into, roots, depth + 1)
    }
  }
}

/** Every element is looked into for a shadow root if asked for, and where no field was found otherwise. */
export function findFields(document: Document, options: FindOptions): { elements: FieldElement[]; roots: Root[] } {
  const elements: FieldElement[] = []
  const roots: Root[] = []
  if (options.everyHost !== true) walk(document, options, false, elements, roots, 0)
  if (elements.length === 0) {
    roots.length = 0
    walk(document, options, true, elements, roots, 0)
  }
  return { elements, roots }
}

const deepestContainer = 12

/** All elements that have a button in them, each found once. */
function aroundButtons(roots: readonly Root[]): Set<Element> {
  const found = new Set<Element>()
  for (const root of roots) {
    const buttons = root.querySelectorAll(buttonSelector)
    for (let at = 0; at < buttons.length && at < most; at++) {
      for (let each = parentOf(buttons[at] as Element); each !== null && !found.has(each); each = parentOf(each)) found.add(each)
    }
  }
  return found
}

/**
 * For fields outside of forms: what would be their form, the nearest element around that holds a button too. The button that shows a
 * password's letters stands in one of its own, so one that lies in another is part of that. Fields that have only the whole page are left out.
 */
export function findContainers(fields: readonly FieldElement[], roots: readonly Root[]): Map<FieldElement, Element> {
  const found = new Map<FieldElement, Element>()
  if (fields.length === 0) return found
  const withButton = aroundButtons(roots)
  const distinct = new Set<Element>()
  for (const field of fields) {
    let around = parentOf(field)
    for (let level = 0; around !== null && level < deepestContainer && !withButton.has(around); level++) around = parentOf(around)
    if (around === null || !withButton.has(around) || around.localName === 'body' || around.localName === 'html') continue
    found.set(field, around)
    distinct.add(around)
  }
  for (const [field, own] of distinct.size > 1 ? found : []) {
    let outer = own
    for (let each = parentOf(own); each !== null; each = parentOf(each)) if (distinct.has(each)) outer = each
    if (outer !== own) found.set(field, outer)
  }
  return found
}
