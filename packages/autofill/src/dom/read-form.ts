/** What a form says of itself: its attributes, buttons, headings, links and small print. Texts are bounded, and so is the reading of them. */
import type { FormModel } from '../model.ts'
import { all, attr, buttonSelector, clean, countBefore, isBefore } from './read-dom.ts'

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

/** The last heading before the form, of whatever level. */
function headingBefore(form: Element, levels: readonly NodeListOf<Element>[]): string {
  let last: Element | undefined
  for (const headings of levels) {
    const heading = headings[countBefore(headings, form) - 1]
    if (heading !== undefined && (last === undefined || isBefore(last, heading))) last = heading
  }
  return clean(last?.textContent ?? '', 80)
}

function actionOf(form: Element): { readonly path: string; readonly origin: string } {
  const action = attr(form, 'action')
  const absolute = /^https?:\/\//i.test(action) ? URL.parse(action) : null
  return absolute === null ? { path: action.replace(/[?#].*/, ''), origin: '' } : { path: absolute.pathname, origin: absolute.origin }
}

/**
 * `form`: a form, or what stands for one. `headings`: of the document, by level. Each text is read when it is asked for: to know what most
 * forms are for takes two of them. A copy (`{ ...form }`, a message) has them all.
 */
export function readForm(form: Element, headings: () => readonly NodeListOf<Element>[]): FormModel {
  return {
    get attributes() {
      return `${attr(form, 'id')} ${attr(form, 'name')} ${attr(form, 'class').slice(0, 100)} ${actionOf(form).path.slice(0, 120)} ${attr(form, 'aria-label')}`
    },
    get autocomplete() {
      return attr(form, 'autocomplete').trim().toLowerCase()
    },
    get buttons() {
      return gather(all(form, buttonSelector), 300, buttonText)
    },
    get headings() {
      const own = gather(all(form, 'h1,h2,h3,h4,legend'), 300, (element) => clean(element.textContent, 80))
      return own === '' ? headingBefore(form, headings()) : own
    },
    get links() {
      return gather(all(form, 'a,label,input[type=checkbox]'), 400, (element) =>
        element.localName === 'input' ? attr(element, 'name') : clean(element.textContent, 80),
      )
    },
    get actionOrigin() {
      return actionOf(form).origin
    },
  }
}
