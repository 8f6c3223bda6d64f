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
/** A field stood where the first look does not look: from then on every element of this document is looked into. */
let everyHost = false

function look(every: boolean): BuiltPage {
  const built = buildPage(document, { shadowRootOf, visibility: true, everyHost: every })
  // texts of forms are read when they are asked for, and a reading is of one instant: a copy has them all
  return { ...built, model: { ...built.model, forms: built.model.forms.map((form) => ({ ...form })) } }
}

function keep(built: BuiltPage): Reading {
  const reading: Reading = { ...built, revision: ++revision }
  readings.push(reading)
  if (readings.length > kept) readings.shift()
  return reading
}

/** `wanted`: a field that has the focus and is to be among those found. Quick: see `readAll` for what it may not find. */
export function readFields(wanted?: Element): Reading {
  const built = look(everyHost)
  if (everyHost || wanted === undefined || !isField(wanted) || built.elements.includes(wanted)) return keep(built)
  everyHost = true
  return keep(look(true))
}

/** All fields, in whatever shadow root. */
export const readAll = (): Reading => keep(look(true))

/** Whether a shadow root holds fields that a first look did not find; if so, none is quick from here on. */
export function foundMore({ partial, elements }: Reading): boolean {
  if (!partial || everyHost) return false
  everyHost = look(true).elements.some((element) => element.getRootNode() !== document && !elements.includes(element))
  return everyHost
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
