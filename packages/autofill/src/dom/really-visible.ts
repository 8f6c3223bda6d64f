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
  return element.assignedSlot ?? element.parentElement ?? (element.getRootNode() as Partial<ShadowRoot>).host ?? null
}

/** How much of an element its own style leaves to be seen: its opacity, the strongest of its filters, and what a mask lets through. */
function leftBy({ opacity, filter, maskImage }: CSSStyleDeclaration): number {
  let left = Number(opacity)
  // computed: shares are numbers, lengths are pixels
  for (const [, name, value] of filter.matchAll(/(opacity|blur)\(([\d.]+)/g))
    left *= name === 'opacity' ? Number(value) : Number(value) > mostBlurPx ? 0 : 1
  // a mask that is a picture nobody can look into from here; of gradients the strongest colour counts
  const colours = maskImage.includes('url(') ? [] : [...maskImage.matchAll(/rgba?\(([^)]*)\)/g)]
  return colours.length === 0 ? left : left * Math.max(...colours.map(([, parts = '']) => Number(parts.split(',')[3] ?? 1)))
}

/** The field itself, what stands inside of it, or its own label, if that is only text over it and hides nothing. */
function belongs(top: Element, field: Element): boolean {
  if (top === field || field.contains(top)) return true
  const label = top.closest('label')
  if (label?.control !== field || top.contains(field)) return false
  // a label around the field lies behind it
  for (let each: Element | null = top; each !== null && !each.contains(field); each = each === label ? null : each.parentElement) {
    const { backgroundColor, backgroundImage } = getComputedStyle(each)
    if (backgroundImage !== 'none' || !/^(?:transparent|rgba\(.*, 0\))$/.test(backgroundColor)) return false
  }
  return true
}

/** undefined: visible. */
export function visibilityFault(element: Element): VisibilityFault | undefined {
  if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return 'not-rendered'
  let left = 1
  for (let each: Element | null = element; each !== null; each = parentOf(each)) left *= leftBy(getComputedStyle(each))
  if (left < leastOpacity) return 'transparent'
  const box = element.getBoundingClientRect()
  if (box.width < leastSide || box.height < leastSide) return 'zero-size'
  if (box.right <= 1 || box.bottom <= 1 || box.left >= innerWidth - 1 || box.top >= innerHeight - 1) return 'off-screen'
  const clamp = (value: number, most: number): number => Math.min(Math.max(value, 1), most - 1)
  const y = clamp(box.top + box.height / 2, innerHeight)
  // a connected element has one of these at its root, and each of them looks through the shadow roots above it
  const root = element.getRootNode() as Document | ShadowRoot
  const tops = places.map((part) => root.elementFromPoint(clamp(box.left + box.width * part, innerWidth), y))
  if (tops.some((top) => top !== null && belongs(top, element))) return undefined
  // an element around that is met in its place: the field is cut off there, or what that element generates lies over it
  return tops.every((top) => top?.contains(element) === true) ? 'clipped' : 'covered'
}
