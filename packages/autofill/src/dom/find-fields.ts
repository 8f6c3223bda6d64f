/**
 * The fields of a document in document order, those of shadow roots in the place of their host; and what surrounds those that stand in no
 * form. Asks for no layout.
 */
import {
  buttonSelector,
  buttonSelectors,
  countBefore,
  isBefore,
  isField,
  listsOf,
  one,
  parentOf,
  type FieldElement,
  type Root,
} from './read-dom.ts'

/** A page has no more fields than this for us: hostile pages may have any number. */
const most = 1000
const deepest = 16

export interface FindOptions {
  /** Opens closed shadow roots, e.g. `chrome.dom.openOrClosedShadowRoot`. Without it only open ones are seen. */
  readonly shadowRootOf?: ((element: HTMLElement) => ShadowRoot | null) | undefined
  /**
   * Look for shadow roots in every element: the second look, taken at leisure after a first one that was `partial`, and when a field that the first
   * did not find has the focus. The first looks into custom and empty elements, and into none where the document shows a password without.
   */
  readonly everyHost?: boolean
}

function shadowOf(element: Element, shadowRootOf: FindOptions['shadowRootOf']): ShadowRoot | null {
  if (element.shadowRoot !== null) return element.shadowRoot
  // closed roots that matter belong to custom elements; asking for every element would cost a call each
  return shadowRootOf !== undefined && element.localName.includes('-') ? shadowRootOf(element as HTMLElement) : null
}

/** Plain elements that hold a shadow root have nothing else in them, or hardly ever. */
const emptySelectors = ['div:empty', 'span:empty', 'section:empty', 'main:empty'] as const
/** Custom elements have no selector of their own, but XPath knows names. To touch every element from script costs more than all the rest. */
const customElements = '//*[contains(name(),"-")]'

interface Host {
  readonly element: Element
  readonly shadow: ShadowRoot
}

/** The elements of a document that have a shadow root, as far as they are custom or empty. Usually there is none. */
function hostsOf(document: Document, options: FindOptions): Host[] {
  const found: Host[] = []
  const look = (element: Element): void => {
    const shadow = shadowOf(element, options.shadowRootOf)
    if (shadow !== null) found.push({ element, shadow })
  }
  const custom = Document.prototype.evaluate.call(document, customElements, document, null, 7, null)
  for (let at = 0; at < custom.snapshotLength; at++) look(custom.snapshotItem(at) as Element)
  for (const list of listsOf(document, emptySelectors)) for (let at = 0; at < list.length; at++) look(list[at] as Element)
  return found.length < 2 ? found : found.toSorted((a, b) => (isBefore(a.element, b.element) ? -1 : 1))
}

/** Fields, and inputs that are none, in the order of the document. */
function controlsOf(document: Document): ArrayLike<Element> {
  const inputs = document.querySelectorAll('input')
  const others = listsOf(document, ['select', 'textarea'])
  if (others.length === 0) return inputs
  const found: Element[] = Array.from(inputs)
  for (const list of others) {
    // not for a page with very many of them
    if (found.length + list.length > most) return document.querySelectorAll('input,select,textarea')
    let place = 0
    for (let at = 0; at < list.length; at++) {
      const element = list[at] as Element
      place = countBefore(found, element, place)
      found.splice(place, 0, element)
    }
  }
  return found
}

interface Found {
  readonly elements: FieldElement[]
  readonly roots: Root[]
  /** No shadow root was looked for. */
  partial: boolean
}

/** Looks at every element. */
function walk(root: Root, options: FindOptions, into: Found, depth: number): void {
  into.roots.push(root)
  const list = root.querySelectorAll('*')
  for (let at = 0; at < list.length && into.elements.length < most; at++) {
    const element = list[at] as Element
    if (isField(element)) into.elements.push(element)
    else {
      const shadow = shadowOf(element, options.shadowRootOf)
      if (shadow !== null && depth < deepest) walk(shadow, options, into, depth + 1)
    }
  }
}

/** Looks at the fields and at what usually has a shadow root, and then into those. */
function walkQuickly(document: Document, options: FindOptions, into: Found): void {
  into.roots.push(document)
  const list = controlsOf(document)
  for (let at = 0; at < list.length && !into.partial; at++) into.partial = (list[at] as FieldElement).type === 'password'
  // where the page has a password to be seen, what a shadow root holds is left to the second look
  const hosts = into.partial ? [] : hostsOf(document, options)
  let host = 0
  for (let at = 0; at < list.length && into.elements.length < most; at++) {
    const element = list[at] as Element
    for (let next = hosts[host]; next !== undefined && isBefore(next.element, element); next = hosts[++host])
      walk(next.shadow, options, into, 1)
    if (isField(element)) into.elements.push(element)
  }
  for (; host < hosts.length; host++) walk((hosts[host] as Host).shadow, options, into, 1)
}

/** Every element is looked into for a shadow root if asked for, and where no field was found otherwise. */
export function findFields(document: Document, options: FindOptions): Readonly<Found> {
  const found: Found = { elements: [], roots: [], partial: false }
  if (options.everyHost !== true) walkQuickly(document, options, found)
  if (found.elements.length === 0) {
    found.roots.length = 0
    walk(document, options, found, 0)
  }
  return found
}

const deepestContainer = 12

/** Around so many fields a button is looked for near each of them, and so far out; of more, all elements that have one are found first. */
const few = 3
const near = 4

/** All elements that have a button in them, each found once. */
function aroundButtons(roots: readonly Root[]): Set<Element> {
  const found = new Set<Element>()
  for (const root of roots) {
    for (const buttons of listsOf(root, buttonSelectors))
      for (let at = 0; at < buttons.length && at < most; at++)
        for (let each = parentOf(buttons[at] as Element); each !== null && !found.has(each); each = parentOf(each)) found.add(each)
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
  let all: Set<Element> | undefined
  const distinct = new Set<Element>()
  for (const field of fields) {
    let around = parentOf(field)
    let level = 0
    const holds = (element: Element): boolean =>
      fields.length <= few && level < near ? one(element, buttonSelector) !== null : (all ??= aroundButtons(roots)).has(element)
    for (; around !== null && !holds(around); level++) around = level < deepestContainer ? parentOf(around) : null
    if (around === null || around.localName === 'body' || around.localName === 'html') continue
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
