/** As much of the WebExtension interface as a content script uses. Its own copy, because nothing here may reach into the rest of the extension. */
import type { FrameMessage } from './messages.ts'
import type { PasskeyAnswer } from './passkey-messages.ts'

export interface RuntimePort {
  postMessage(message: unknown): void
  disconnect(): void
  readonly onMessage: { addListener(listener: (message: PasskeyAnswer) => void): void }
  readonly onDisconnect: { addListener(listener: () => void): void }
}
interface Runtime {
  readonly id?: string
  connect(info: { readonly name: string }): RuntimePort
  getURL(path: string): string
  sendMessage(message: unknown): Promise<unknown>
  readonly onMessage: {
    addListener(listener: (message: FrameMessage, sender: unknown, respond: (answer: unknown) => void) => boolean): void
  }
}
interface Api {
  readonly runtime: Runtime
  /** Chromium; Firefox has it on the element */
  readonly dom?: { openOrClosedShadowRoot(element: HTMLElement): ShadowRoot | null }
}
const world = globalThis as unknown as { readonly browser?: Api; readonly chrome: Api }
export const api: Api = world.browser?.runtime === undefined ? world.chrome : world.browser

export function shadowRootOf(element: Element): ShadowRoot | null {
  if (!(element instanceof HTMLElement)) return element.shadowRoot
  if (api.dom !== undefined) return api.dom.openOrClosedShadowRoot(element)
  return (element as HTMLElement & { readonly openOrClosedShadowRoot?: ShadowRoot | null }).openOrClosedShadowRoot ?? element.shadowRoot
}

/**
 * What an older version of the extension left in a page: nobody answers it any more, and a newer one may be there beside it. Chromium takes the whole of
 * `runtime` away from it.
 */
export const isOrphan = (): boolean => (api as Partial<Api>).runtime?.id === undefined

/** Whatever an orphan asks fails, and it stays quiet. */
export async function tell(message: unknown): Promise<unknown> {
  if (isOrphan()) return undefined
  return api.runtime.sendMessage(message).catch(() => undefined)
}

/** The element that really got the event, through shadow roots. */
export function originOf(event: Event): Element | null {
  let target: unknown = event.composedPath()[0] ?? event.target
  // a closed root hides its inside from the path; the focus within it can still be followed
  for (let depth = 0; depth < 16 && target instanceof Element; depth++) {
    const inner = shadowRootOf(target)?.activeElement ?? null
    if (inner === null) return target
    target = inner
  }
  return target instanceof Element ? target : null
}

/** Where the focus is, through shadow roots. */
export function innermostFocus(): Element | null {
  let at = document.activeElement
  for (let depth = 0; depth < 16 && at !== null; depth++) {
    const inner = shadowRootOf(at)?.activeElement ?? null
    if (inner === null) return at
    at = inner
  }
  return at
}

/** Origins of the frames around this one, innermost first. Firefox names no other site's: then it says `null`. */
export function ancestors(): string[] {
  const named = (location as Location & { readonly ancestorOrigins?: DOMStringList }).ancestorOrigins
  if (named !== undefined) return [...named].slice(0, 32)
  const found: string[] = []
  for (let at: Window = window; at !== at.parent && found.length < 32; at = at.parent) {
    try {
      found.push(at.parent.location.origin)
    } catch {
      found.push('null')
    }
  }
  return found
}
