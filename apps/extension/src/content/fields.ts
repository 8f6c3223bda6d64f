/**
 * The fields of this document as the engine sees them, read when they are asked for and not before: a page on which nobody touches a field
 * costs nothing. What they are is the background's question: the engine is not in every page. Keeps the last readings, so that a plan made for one of them still finds its elements.
 */
import { buildPage, type BuiltPage } from '@nokkel/autofill/dom'
import { shadowRootOf } from './runtime.ts'

export interface Reading extends BuiltPage {
  readonly revision: number
}

const kept = 4
const readings: Reading[] = []
let revision = 0
/** A field with the focus stood where the quick look does not look: from then on every element of this document is looked into. */
let everyHost = false

/** `wanted`: a field that has the focus and is to be among those found. */
export function readFields(wanted?: Element): Reading {
  const look = (): BuiltPage => buildPage(document, { shadowRootOf, visibility: true, everyHost })
  let built = look()
  if (!everyHost && wanted !== undefined && isField(wanted) && !built.elements.includes(wanted)) {
    everyHost = true
    built = look()
  }
  const reading: Reading = { ...built, revision: ++revision }
  readings.push(reading)
  if (readings.length > kept) readings.shift()
  return reading
}

export function readingOf(wanted: number): Reading | undefined {
  return readings.find((each) => each.revision === wanted)
}

const unlabelled = new Set(['hidden', 'submit', 'button', 'checkbox', 'radio', 'image', 'file', 'reset', 'range', 'color'])

export function isField(element: Element | null): element is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
  if (element === null) return false
  const tag = element.localName
  return tag === 'select' || tag === 'textarea' || (tag === 'input' && !unlabelled.has((element as HTMLInputElement).type))
}

/** Shadow roots above an element, innermost first, then the document. */
export function rootsAbove(element: Element): (Document | ShadowRoot)[] {
  const roots: (Document | ShadowRoot)[] = []
  let root = element.getRootNode()
  for (let depth = 0; depth < 16 && root instanceof ShadowRoot; depth++) {
    roots.push(root)
    root = root.host.getRootNode()
  }
  return [...roots, document]
}
