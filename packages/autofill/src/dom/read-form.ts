/** What a form says of itself: its attributes, buttons, headings, links and small print. Texts are bounded, and so is the reading of them. */
import type { FormModel } from '../model.ts'
import { all, attr, buttonSelectors, clean, countBefore, isBefore } from './read-dom.ts'

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

const buttonSelector = buttonSelectors.join()

/** The last heading before the form, of whatever level. */
function headingBefore(form: Element, levels: readonly NodeListOf<Element>[]): string {
  let last: Element | undefined
  for (const headings of levels) {
    const heading = headings[countBefore(headings, form) - 1]
    if (heading !== undefined && (last === undefined || isBefore(last, heading))) last = heading
  }
  return clean(last?.textContent ?? '', 80)
}

/** `form`: a form, or what stands for one. `headings`: of the document, by level. */
export function readForm(form: Element, headings: () => readonly NodeListOf<Element>[]): FormModel {
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
