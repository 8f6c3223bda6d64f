/**
 * Applies a fill plan. Values go in through the prototype's setter, because React replaces the one on the element to notice writes that it
 * did itself; then the events that a person's typing makes. Each field is checked for visibility at that instant (E6).
 */
import type { FillPlan } from '../decision.ts'
import type { FieldElement } from './build-page.ts'
import { visibilityFault } from './really-visible.ts'

export interface FillResult {
  /** Indices that hold the value now. */
  readonly filled: readonly number[]
  /** Indices that did not take it, and why. */
  readonly refused: readonly { readonly field: number; readonly reason: 'invisible-field' | 'read-only' | 'gone' | 'not-taken' }[]
}

function setNative(element: FieldElement, value: string): void {
  const proto =
    element.localName === 'select'
      ? HTMLSelectElement.prototype
      : element.localName === 'textarea'
        ? HTMLTextAreaElement.prototype
        : HTMLInputElement.prototype
  Object.getOwnPropertyDescriptor(proto, 'value')?.set?.call(element, value)
}

/** One value into one field. False: the control did not take it. */
export function fillField(element: FieldElement, value: string): boolean {
  element.focus({ preventScroll: true })
  const key = { bubbles: true, composed: true, cancelable: true, key: 'Unidentified' }
  element.dispatchEvent(new KeyboardEvent('keydown', key))
  setNative(element, value)
  element.dispatchEvent(new InputEvent('input', { bubbles: true, composed: true, inputType: 'insertReplacementText', data: value }))
  element.dispatchEvent(new KeyboardEvent('keyup', key))
  element.dispatchEvent(new Event('change', { bubbles: true, composed: true }))
  // a masking script may write it anew with separators: equal but for these is taken
  const bare = (text: string): string => text.replace(/[\s/.()-]/g, '')
  return bare(element.value) === bare(value)
}

export function applyFill(elements: readonly FieldElement[], plan: FillPlan): FillResult {
  const filled: number[] = []
  const refused: { field: number; reason: 'invisible-field' | 'read-only' | 'gone' | 'not-taken' }[] = []
  for (const step of plan.steps) {
    const element = elements[step.field]
    // seen is only what is in the window, and a form may be taller than that
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' })
    if (element === undefined || !element.isConnected) refused.push({ field: step.field, reason: 'gone' })
    else if (visibilityFault(element) !== undefined) refused.push({ field: step.field, reason: 'invisible-field' })
    else if (element.disabled || (element.localName !== 'select' && (element as HTMLInputElement).readOnly))
      refused.push({ field: step.field, reason: 'read-only' })
    else if (fillField(element, step.value)) filled.push(step.field)
    else refused.push({ field: step.field, reason: 'not-taken' })
  }
  return { filled, refused }
}
