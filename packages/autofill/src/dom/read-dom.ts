/**
 * The few ways in which the page model reads a document: through prototypes, because a control named `id`, `action` or `attributes` hides the
 * form's own property of that name, and with a limit on every text. Never a value, never layout.
 */
export type FieldElement = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement
export type Root = Document | ShadowRoot

const proto = Element.prototype

export const attr = (element: Element, name: string): string => proto.getAttribute.call(element, name) ?? ''
export const all = (element: Element, selector: string): NodeListOf<Element> => proto.querySelectorAll.call(element, selector)
export const one = (element: Element, selector: string): Element | null => proto.querySelector.call(element, selector)
export const namesOf = (element: Element): readonly string[] => proto.getAttributeNames.call(element)
export const up = (element: Element, selector: string): Element | null => proto.closest.call(element, selector)

/** A text property of the document itself, which an image of that name would hide, too. */
export const ofDocument = (document: Document, name: 'URL' | 'title'): string => String(Reflect.get(Document.prototype, name, document))

export const isBefore = (a: Element, b: Element): boolean => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0

/** How many of a list in document order, of which `from` are known to, stand before the element. */
export function countBefore(list: ArrayLike<Element>, element: Element, from = 0): number {
  let low = from
  let high = list.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBefore(list[middle] as Element, element)) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * One list for each selector, without the empty ones. For whole documents: a browser has a short way to the elements of one tag or attribute, and
 * tries a list of selectors on every element, which takes two to five times as long as several questions.
 */
export function listsOf(root: Root, selectors: readonly string[]): NodeListOf<Element>[] {
  const lists: NodeListOf<Element>[] = []
  for (const selector of selectors) {
    const list = root.querySelectorAll(selector)
    if (list.length > 0) lists.push(list)
  }
  return lists
}

export const parentOf = (element: Element): Element | null => {
  const parent = element.parentNode
  return parent !== null && parent.nodeType === 1 ? (parent as Element) : null
}

/** White space as one space. Looks at four times the limit, so that indented markup does not use it up. */
export function clean(text: string | null, limit: number): string {
  return text === null || text === ''
    ? ''
    : text
        .slice(0, limit * 4)
        .replace(/\s+/g, ' ')
        .trim()
        .slice(0, limit)
}

const skipped = new Set(['hidden', 'submit', 'button', 'checkbox', 'radio', 'image', 'file', 'reset', 'range', 'color'])

export const buttonSelectors = ['button', 'input[type=submit]', 'input[type=button]', 'input[type=image]', '[role=button]'] as const
export const buttonSelector = buttonSelectors.join()

export function isField(element: Element): element is FieldElement {
  const tag = element.localName
  return tag === 'select' || tag === 'textarea' || (tag === 'input' && !skipped.has((element as HTMLInputElement).type))
}
