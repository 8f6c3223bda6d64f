/**
 * Finds what lies over a place without taking clicks: hit testing looks through `pointer-events: none`, a person does not (A31). Walks the
 * document and its shadow roots; asked at a click or just before filling, never at load.
 */
import { shadowRootOf } from './runtime.ts'

const mostElements = 20_000

export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export function overlaps(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

/** Every element, those of shadow roots included; false when there are more than anybody looks through. */
export function walk(
  root: Document | ShadowRoot | Element,
  visit: (element: Element) => boolean,
  budget = { left: mostElements },
): boolean {
  for (const element of root.querySelectorAll('*')) {
    if (budget.left-- <= 0) return false
    if (!visit(element)) return true
    const inner = shadowRootOf(element)
    if (inner !== null && !walk(inner, visit, budget)) return false
  }
  return true
}

function alpha(colour: string): number {
  const parts = /rgba?\(([^)]*)\)/.exec(colour)?.[1]?.split(/[\s,/]+/) ?? []
  return parts.length > 3 ? Number.parseFloat(parts[3] ?? '1') : colour === 'transparent' ? 0 : 1
}

/** Does this style paint something that hides what is below? A label over a field is text on nothing, and hides nothing. */
function paints(style: CSSStyleDeclaration, name: string): boolean {
  if (Number.parseFloat(style.opacity) < 0.1 || style.visibility !== 'visible') return false
  if (/^(?:img|video|canvas|iframe|object|embed)$/.test(name)) return true
  return alpha(style.backgroundColor) > 0.1 || style.backgroundImage !== 'none' || (style.backdropFilter ?? 'none') !== 'none'
}

/** Where a generated box lies: its used values say so, from the window's corner or from its element's. */
function pseudoBox(element: Element, style: CSSStyleDeclaration): Box {
  const from = style.position === 'fixed' ? { left: 0, top: 0 } : element.getBoundingClientRect()
  const px = (text: string): number => Number.parseFloat(text) || 0
  const [left, top] = [from.left + px(style.left), from.top + px(style.top)]
  return { left, top, right: left + px(style.width), bottom: top + px(style.height) }
}

function pseudoCovers(element: Element, middle: Box): boolean {
  return (['::before', '::after'] as const).some((which) => {
    const style = getComputedStyle(element, which)
    if (style.content === 'none' || style.content === 'normal' || !/^(?:fixed|absolute)$/.test(style.position)) return false
    // behind everything: a background, as many pages have
    if (style.pointerEvents !== 'none' || Number.parseInt(style.zIndex, 10) < 0 || !paints(style, '')) return false
    return overlaps(pseudoBox(element, style), middle)
  })
}

/**
 * Something that paints and takes no clicks lies over the middle of `target`. Errs on the side of finding: an element before the target may
 * be painted over it by its z-index, so of ancestors and descendants only what they generate is looked at.
 */
export function coveredUnclickably(target: Element, box: Box, within: Document | Element = document): boolean {
  const middle = { left: (box.left * 3 + box.right) / 4, right: (box.left + box.right * 3) / 4, top: box.top, bottom: box.bottom }
  let found = false
  const whole = walk(within, (element) => {
    if (element === target) return true
    found = pseudoCovers(element, middle)
    if (found) return false
    if (element.contains(target) || target.contains(element)) return true
    const style = getComputedStyle(element)
    if (style.pointerEvents !== 'none' || style.position === 'static' || style.display === 'none' || !paints(style, element.localName))
      return true
    found = overlaps(element.getBoundingClientRect(), middle)
    return !found
  })
  return found || !whole
}
