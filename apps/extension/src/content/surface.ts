/**
 * Our surface in a page: a frame of the extension's own origin in a closed shadow root, in the top layer. The page can neither read it nor
 * click in it, but it may lay something over it, fade it or move it so that a person clicks without knowing (A31). So the surface is watched
 * from the moment it opens, and what a click would do is refused when any check fails. The frame looks for itself as well (inline/).
 */
import type { SurfaceFault } from './messages.ts'
import { coveredUnclickably, walk, type Box } from './overlay.ts'
import { api, innermostFocus, isOrphan, shadowRootOf } from './runtime.ts'

export interface Surface {
  readonly token: string
  /** null: all is as it was made. `deep`: with everything that takes a walk through the document, for the moment of a click. */
  fault(deep: boolean): SurfaceFault | null
  /** the focus is in it */
  isOwn(element: Element | null): boolean
  resize(height: number): void
  focus(): void
  close(fault?: SurfaceFault): void
}

const width = 320
const gap = 4
const edge = 8
const watchMs = 120

export interface Place {
  /** the field, or null for the corner of the window */
  readonly anchor: Element | null
  readonly token: string
  readonly height: number
  readonly onClose: (fault: SurfaceFault | 'left') => void
}

/** What a modal dialog does not contain is inert while it is open, so the surface goes inside of the dialog that holds the field. */
function parentFor(anchor: Element | null): Element {
  let at: Element | null = anchor
  while (at !== null) {
    const modal: Element | null = at.closest(':modal')
    if (modal !== null) return modal
    const root: Node = at.getRootNode()
    at = root instanceof ShadowRoot ? root.host : null
  }
  return document.documentElement
}

function effects(element: Element, root: boolean): boolean {
  const style = getComputedStyle(element)
  const plain = style.opacity === '1' && style.visibility === 'visible' && style.mixBlendMode === 'normal'
  if (!plain) return true
  // ancestors' transforms, filters and clips do not reach into the top layer; the root's and the surface's own do
  return root && (style.filter !== 'none' || style.transform !== 'none' || style.clipPath !== 'none' || style.maskImage !== 'none')
}

/** Only what is in the top layer can lie over what is there. `deep`: in shadow roots as well, which means a walk through the document. */
function otherInTopLayer(host: Element, deep: boolean): boolean {
  const selector = ':popover-open,:modal,:fullscreen'
  if (!deep) return [...document.querySelectorAll(selector)].some((element) => element !== host && !element.contains(host))
  let found = false
  const whole = walk(document, (element) => {
    if (element !== host && element.matches(selector) && !element.contains(host)) found = true
    return !found
  })
  return found || !whole
}

const frameAddress = (): string => api.runtime.getURL('/inline.html')

/** In Firefox a script ends with its version, and what it had put into the page stands there still: a frame in which nothing lives. */
export function removeLeftSurfaces(): void {
  // where a surface for what has the focus would be, and where most are
  for (const parent of new Set([document.documentElement, parentFor(innermostFocus())]))
    for (const host of parent.querySelectorAll(':scope > [popover=manual]'))
      if (shadowRootOf(host)?.querySelector('iframe')?.src === frameAddress()) host.remove()
}

export function openSurface(place: Place): Surface {
  const host = document.createElement('div')
  const root = host.attachShadow({ mode: 'closed' })
  const frame = document.createElement('iframe')
  // in Chromium another in each run of the browser, so that no site can look for it; inside, the frame has the extension's own origin
  const address = frameAddress()
  const { origin } = new URL(api.runtime.getURL('/'))
  const set = (element: HTMLElement, styles: Readonly<Record<string, string>>): void => {
    for (const [name, value] of Object.entries(styles)) element.style.setProperty(name, value, 'important')
  }
  const parent = parentFor(place.anchor)
  let height = place.height
  let closed = false
  let expected: Box = { left: 0, top: 0, right: 0, bottom: 0 }

  const lay = (): void => {
    const box = place.anchor?.getBoundingClientRect()
    const wide = Math.min(width, innerWidth - 2 * edge)
    const left = box === undefined ? innerWidth - wide - edge : Math.max(edge, Math.min(box.left, innerWidth - wide - edge))
    const below = box === undefined ? edge : box.bottom + gap
    const top = box !== undefined && below + height > innerHeight - edge ? Math.max(edge, box.top - gap - height) : below
    expected = { left, top, right: left + wide, bottom: top + height }
    set(host, { left: `${left}px`, top: `${top}px`, width: `${wide}px`, height: `${height}px` })
  }
  set(host, {
    all: 'initial', position: 'fixed', display: 'block', margin: '0', padding: '0', border: '0', right: 'auto', bottom: 'auto', opacity: '1',
    'box-sizing': 'border-box', overflow: 'visible', background: 'transparent', 'pointer-events': 'auto', 'max-width': 'none', 'max-height': 'none',
    'min-width': '0', 'min-height': '0', 'color-scheme': 'normal', transition: 'none', animation: 'none',
  }) // prettier-ignore
  set(frame, {
    all: 'initial',
    display: 'block',
    width: '100%',
    height: '100%',
    border: '0',
    'color-scheme': 'normal',
    'border-radius': '10px',
  })
  host.setAttribute('popover', 'manual')
  frame.src = address
  frame.title = 'Nøkkelring'
  root.append(frame)

  const fault = (deep: boolean): SurfaceFault | null => {
    // in Chromium an orphan lives on, and takes its surface away by itself
    if (closed || isOrphan() || !host.isConnected || !frame.isConnected) return 'gone'
    if (frame.src !== address || !host.matches(':popover-open')) return 'changed'
    for (let at: Element | null = host; at !== null; at = at.parentElement ?? (at.getRootNode() as Partial<ShadowRoot>).host ?? null)
      if (effects(at, at === host || at === document.documentElement)) return 'transparent'
    // a transition of views paints pictures over the top layer
    if (CSS.supports('selector(:active-view-transition)') && document.documentElement.matches(':active-view-transition')) return 'covered'
    const box = host.getBoundingClientRect()
    const off = (['left', 'top', 'right', 'bottom'] as const).some((side) => Math.abs(box[side] - expected[side]) > 1)
    if (off) return 'moved'
    if (box.width < 200 || box.height < 40) return 'small'
    if (box.left < 0 || box.top < 0 || box.right > innerWidth || box.bottom > innerHeight) return 'moved'
    if (otherInTopLayer(host, deep)) return 'other-top-layer'
    const tree = host.getRootNode() as Document | ShadowRoot
    for (const across of [0.05, 0.35, 0.65, 0.95])
      for (const down of [0.08, 0.36, 0.64, 0.92])
        if (tree.elementFromPoint(box.left + box.width * across, box.top + box.height * down) !== host) return 'covered'
    return deep && parent !== document.documentElement && coveredUnclickably(host, box, parent) ? 'covered' : null
  }

  const ending = new AbortController()
  const close = (why: SurfaceFault | 'left'): void => {
    if (closed) return
    closed = true
    ending.abort()
    attributes.disconnect()
    clearInterval(watching)
    host.remove()
    place.onClose(why)
  }
  // whoever changes the surface's own attributes is not us: we take our records away after each change of our own
  const attributes = new MutationObserver(() => close('changed'))
  const watching = setInterval(() => {
    const found = fault(false)
    if (found !== null) close(found)
  }, watchMs)

  lay()
  parent.append(host)
  host.showPopover()
  attributes.observe(host, { attributes: true, childList: true })
  // the token goes to the frame alone, and only to our own origin in it: never into an address or the document
  frame.addEventListener('load', () => frame.contentWindow?.postMessage({ token: place.token }, origin), {
    once: true,
    signal: ending.signal,
  })
  let anchored = place.anchor?.getBoundingClientRect()
  const follow = (): void => {
    const now = place.anchor?.getBoundingClientRect()
    if (anchored === undefined || now === undefined || (now.top === anchored.top && now.left === anchored.left)) return
    anchored = now
    close('left')
  }
  addEventListener('scroll', follow, { capture: true, passive: true, signal: ending.signal })
  addEventListener('resize', () => close('left'), { signal: ending.signal })
  addEventListener('pagehide', () => close('left'), { signal: ending.signal })

  return {
    token: place.token,
    fault,
    isOwn: (element) => element === host || element === frame,
    resize: (wanted) => {
      height = Math.max(40, Math.min(wanted, 420, innerHeight - 2 * edge))
      lay()
      attributes.takeRecords()
    },
    focus: () => frame.focus(),
    close: (why) => close(why ?? 'left'),
  }
}
