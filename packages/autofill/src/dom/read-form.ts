/** What a form says of itself: its attributes, buttons, headings, links and small print. Texts are bounded, and so is the reading of them. */
import type { FormModel } from '../model.ts'
import { all, attr, buttonSelector, clean } from './read-dom.ts'

/** Texts of the elements until there are so many characters. */
function gather(elements: NodeListOf<Element>, most: number, read: (element: Element) => string): string {
  const { length } = elements
  if (length === 0) return ''
  let text = ''
  for (let at = 0; at < length && text.length < most; at++) text += ` ${read(elements[at] as Element)}`
  return clean(text, most)
}

function buttonText(element: Element): string {
  return element.localName === 'input'
    ? `${attr(element, 'value')} ${attr(element, 'alt')} ${attr(element, 'name')}`
    : `${clean(element.textContent, 60)} ${attr(element, 'aria-label')}`
}

/** The last heading before the form. They are in document order, so the search halves. */
function headingBefore(form: Element, headings: NodeListOf<Element>): string {
  let from = 0
  let to = headings.length
  while (from < to) {
    const middle = (from + to) >> 1
    const heading = headings[middle]
    if (heading !== undefined && (form.compareDocumentPosition(heading) & Node.DOCUMENT_POSITION_PRECEDING) !== 0) from = middle + 1
    else to = middle
  }
  return clean(headings[from - 1]?.textContent ?? '', 80)
}

/** `form`: a form, or what stands for one. `headings`: of the document. */
export function readForm(form: Element, headings: () => NodeListOf<Element>): FormModel {
  let action = attr(form, 'action')
  let actionOrigin = ''
  const absolute = /^https?:\/\//i.test(action) ? URL.parse(action) : null
  if (absolute !== null) {
    actionOrigin = absolute.origin
    action = absolute.pathname
  }
  const own = gather(all(form, 'h1,h2,h3,h4,legend'), 300, (element) => clean(element.textContent, 80))
  return {
    attributes: `${attr(form, 'id')} ${attr(form, 'name')} ${attr(form, 'class').slice(0, 100)} ${action.replace(/[?#].*/, '').slice(0, 120)} ${attr(form, 'aria-label')}`,
    autocomplete: attr(form, 'autocomplete').trim().toLowerCase(),
    buttons: gather(all(form, buttonSelector), 300, buttonText),
    headings: own === '' ? headingBefore(form, headings()) : own,
    links: gather(all(form, 'a,label,input[type=checkbox]'), 400, (element) =>
      element.localName === 'input' ? attr(element, 'name') : clean(element.textContent, 80),
    ),
    actionOrigin,
  }
}
