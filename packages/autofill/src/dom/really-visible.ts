/**
 * Whether a person can really see a field at this instant (E6). Forces layout: asked at a click or just before filling, never at load. What
 * cannot be hit at its place is not seen, so the field has to be inside of the window: whoever fills scrolls it there first.
 *
 * Not seen here: what lies over the field and lets clicks through; the content script looks for that in the whole document.
 */
export type VisibilityFault = 'not-rendered' | 'transparent' | 'zero-size' | 'off-screen' | 'covered' | 'clipped'

const leastSide = 6
const leastOpacity = 0.2
/** a field blurred more than this cannot be read */
const mostBlurPx = 6
/** parts of the width at which it is looked whether the field is on top; one is enough, because icons and labels stand in fields */
const places = [0.5, 0.15, 0.85] as const

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot
  if (element.parentElement !== null) return element.parentElement
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

/** What lies on top at a point, through shadow roots. */
function topmost(element: Element, x: number, y: number): Element | null {
  const root = element.getRootNode()
  return root instanceof ShadowRoot || root instanceof Document ? root.elementFromPoint(x, y) : null
}

/** 0 to 1; computed values have numbers for per cent, but scripts may see either. */
function share(text: string): number {
  const number = Number.parseFloat(text)
  return Number.isNaN(number) ? 1 : text.trim().endsWith('%') ? number / 100 : number
}

/** How much of an element its own style leaves to be seen. */
function leftBy(style: CSSStyleDeclaration): number {
  let left = share(style.opacity)
  for (const [, name, value = ''] of style.filter.matchAll(/(opacity|blur|brightness|contrast)\(([^)]*)\)/g)) {
    if (name === 'opacity') left *= share(value)
    else if (name === 'blur') left *= Number.parseFloat(value) > mostBlurPx ? 0 : 1
    // all in one colour
    else if (share(value) < 0.05) left = 0
  }
  return left * leftByMask(style.maskImage)
}

/** A mask of gradients leaves at most what its strongest colour does; one that is a picture nobody can look into from here. */
function leftByMask(mask: string): number {
  if (!/^(?:repeating-)?(?:linear|radial|conic)-gradient\(/.test(mask)) return 1
  const alphas = [...mask.matchAll(/rgba?\(([^)]*)\)/g)].map(([, parts = '']) => {
    const fourth = parts.split(/[\s,/]+/)[3]
    return fourth === undefined ? 1 : share(fourth)
  })
  return alphas.length === 0 ? 1 : Math.max(...alphas)
}

/** The field itself, what stands inside of it, or its own label, if that is only text over it and hides nothing. */
function belongs(top: Element, field: Element, view: Window): boolean {
  if (top === field || field.contains(top)) return true
  const label = top.closest('label')
  if (label?.control !== field || top.contains(field)) return false
  // a label around the field lies behind it
  for (let each: Element | null = top; each !== null && !each.contains(field); each = each === label ? null : each.parentElement) {
    const { backgroundColor, backgroundImage } = view.getComputedStyle(each)
    if (backgroundImage !== 'none' || !/^(?:transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return false
  }
  return true
}

/** undefined: visible. `ignore`: our own surface, which may lie above the field. */
export function visibilityFault(element: Element, ignore?: Element): VisibilityFault | undefined {
  if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return 'not-rendered'
  const view = element.ownerDocument.defaultView
  if (view === null) return 'not-rendered'
  let left = 1
  for (let each: Element | null = element; each !== null; each = parentOf(each)) left *= leftBy(view.getComputedStyle(each))
  if (left < leastOpacity) return 'transparent'
  const box = element.getBoundingClientRect()
  if (box.width < leastSide || box.height < leastSide) return 'zero-size'
  if (box.right <= 1 || box.bottom <= 1 || box.left >= view.innerWidth - 1 || box.top >= view.innerHeight - 1) return 'off-screen'
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 1), most - 1)
  const y = clamp(box.top + box.height / 2, view.innerHeight)
  const tops = places.map((part) => topmost(element, clamp(box.left + box.width * part, view.innerWidth), y))
  if (tops.some((top) => top !== null && (belongs(top, element, view) || ignore?.contains(top) === true))) return undefined
  // an element around that is met in its place: the field is cut off there, or what that element generates lies over it
  return tops.every((top) => top?.contains(element) === true) ? 'clipped' : 'covered'
}
