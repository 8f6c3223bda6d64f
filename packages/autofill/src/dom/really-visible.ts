/**
 * Whether a person can really see a field at this instant (E6). Forces layout: asked at a click or just before filling, never at load.
 */
export type VisibilityFault = 'not-rendered' | 'transparent' | 'zero-size' | 'off-screen' | 'covered' | 'clipped'

const leastSide = 6
const leastOpacity = 0.2

function parentOf(element: Element): Element | null {
  if (element.assignedSlot !== null) return element.assignedSlot
  if (element.parentElement !== null) return element.parentElement
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

/** What lies on top at a point, through open shadow roots. */
function topmost(element: Element, x: number, y: number): Element | null {
  const root = element.getRootNode()
  return root instanceof ShadowRoot || root instanceof Document ? root.elementFromPoint(x, y) : null
}

/** undefined: visible. `ignore`: our own surface, which may lie above the field. */
export function visibilityFault(element: Element, ignore?: Element): VisibilityFault | undefined {
  if (!element.isConnected || !element.checkVisibility({ visibilityProperty: true })) return 'not-rendered'
  const view = element.ownerDocument.defaultView
  if (view === null) return 'not-rendered'
  let opacity = 1
  for (let each: Element | null = element; each !== null; each = parentOf(each)) {
    const style = view.getComputedStyle(each)
    opacity *= Number.parseFloat(style.opacity)
    if (style.clipPath !== 'none' && /inset\((?:50|100)%|circle\(0/.test(style.clipPath)) return 'clipped'
    if (/opacity\(0(?:\.[01]\d*)?%?\)/.test(style.filter)) return 'transparent'
  }
  if (opacity < leastOpacity) return 'transparent'
  const box = element.getBoundingClientRect()
  if (box.width < leastSide || box.height < leastSide) return 'zero-size'
  const doc = element.ownerDocument.documentElement
  if (box.right + view.scrollX <= 0 || box.bottom + view.scrollY <= 0 || box.left >= Math.max(doc.scrollWidth, view.innerWidth))
    return 'off-screen'
  if (box.right <= 0 || box.bottom <= 0 || box.left >= view.innerWidth || box.top >= view.innerHeight) return undefined
  const clamp = (value: number, top: number): number => Math.min(Math.max(value, 1), top - 1)
  const points = [0.5, 0.15, 0.85].map(
    (part) => [clamp(box.left + box.width * part, view.innerWidth), clamp(box.top + box.height / 2, view.innerHeight)] as const,
  )
  const seen = points.some(([x, y]) => {
    const top = topmost(element, x, y)
    return (
      top !== null &&
      (top === element ||
        element.contains(top) ||
        top.contains(element) ||
        top.closest('label')?.contains(element) === true ||
        (ignore?.contains(top) ?? false))
    )
  })
  return seen ? undefined : 'covered'
}
