/**
 * The content script: in every frame of every web page, and idle until a field is touched. It tells the background which fields there are,
 * shows our surface at one of them, and puts values where a plan of the background says. It knows no item, no key and no switch, trusts no
 * event that a script made, and listens to no message of the page (A34).
 */
import type { FillStep } from '@nokkel/autofill'
import { applyFill, visibilityFault } from '@nokkel/autofill/dom'
import { foundMore, isField, readAll, readFields, readingOf } from './fields.ts'
import {
  lateName,
  lookName,
  type CheckAnswer,
  type FillAnswer,
  type FrameMessage,
  type MenuAnswer,
  type PageMessage,
  type SurfaceFault,
} from './messages.ts'
import { coveredUnclickably } from './overlay.ts'
import { PastedCodes } from './pasted-codes.ts'
import { waitingName, type WaitingPasskey } from './passkey-messages.ts'
import { ancestors, api, innermostFocus, isOrphan, originOf, tell } from './runtime.ts'
import { Submissions } from './submissions.ts'
import { openSurface, removeLeftSurfaces, type Surface } from './surface.ts'

const docId = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
const say = (message: PageMessage): void => void tell(message)
const submissions = new Submissions(docId, say)

/** Chromium tells our frame whether it can be seen through all frames around it. Where that is missing, the menu stays in the tab's own page. */
const seesItself = 'isVisible' in IntersectionObserverEntry.prototype

const pasted = new PastedCodes((element, message) => void ask(element, message))

let surface: Surface | null = null
let anchor: Element | null = null
/** The field for which somebody closed the menu: not opened again until another field has had the focus. */
let declined: Element | null = null
let asking = 0
/** Our own steps move the focus, which is nobody's question. */
let filling = false
const listening = new AbortController()

/** An orphan leaves the page to what came after it, with the first event that tells it so. */
function retired(): boolean {
  if (!isOrphan()) return false
  listening.abort()
  submissions.end()
  surface?.close()
  return true
}

function closed(token: string, fault: SurfaceFault | 'left'): void {
  if (surface?.token === token) {
    surface = null
    anchor = null
  }
  say({ type: 'closed', docId, token, fault })
}

const waitingPasskey = (): WaitingPasskey | undefined => (globalThis as { readonly [waitingName]?: WaitingPasskey })[waitingName]
/** A page says at which of its fields a waiting sign-in may be offered (HTML, `autocomplete="username webauthn"`). */
const takesPasskeys = (element: Element): boolean => /(?:^|\s)webauthn\s*$/i.test(element.getAttribute('autocomplete') ?? '')

/** A step that its site slides or fades in has the focus before anybody can see it: then it is looked at again. */
const againMs: readonly number[] = [250, 500, 1_000]

/** A page that is never idle is looked into after this. */
const idleMs = 500

async function focused(element: Element, trusted: boolean, again = againMs): Promise<void> {
  const turn = ++asking
  const reading = readFields(element)
  const field = reading.elements.findIndex((each) => each === element)
  if (field < 0) return
  submissions.watch(element)
  // over a select opens a list of the browser's own; texts and searches are nobody's password
  if (element.localName !== 'input' || (element as HTMLInputElement).type === 'search' || (window !== top && !seesItself)) return
  if (!canBeSeen(element)) {
    const [wait, ...rest] = again
    const lookAgain = (): void => {
      if (turn === asking && innermostFocus() === element) void focused(element, trusted, rest)
    }
    if (wait !== undefined) setTimeout(lookAgain, wait)
    return
  }
  const message: PageMessage = {
    type: 'focus',
    docId,
    revision: reading.revision,
    ancestors: ancestors(),
    page: reading.model,
    field,
    trusted,
    passkey: takesPasskeys(element) ? (waitingPasskey()?.wanted() ?? null) : null,
  }
  // what stands beside the field in a shadow root is looked for while the background thinks, and if there is more, it is asked anew
  if (reading.partial)
    requestIdleCallback(() => turn === asking && innermostFocus() === element && foundMore(reading) && void focused(element, trusted, []), {
      timeout: idleMs,
    })
  const answer = (await tell(message)) as MenuAnswer | undefined
  if (turn === asking) pasted.note(answer?.code === true ? element : null)
  const card = answer?.card ?? null
  if (card !== null) submissions.noteCard(reading, card)
  const open = answer?.open ?? null
  if (open === null) return
  // a question about saving is not pushed aside by a menu
  if (turn !== asking || declined === element || (surface !== null && anchor === null))
    return say({ type: 'closed', docId, token: open.token, fault: 'left' })
  openAt(element, open)
}

function openAt(element: Element, open: NonNullable<MenuAnswer['open']>): void {
  surface?.close()
  anchor = element
  surface = openSurface({ anchor: element, ...open, onClose: (fault) => closed(open.token, fault) })
}

/** What was pasted is a message with a code (AUT-9). */
async function ask(element: Element, message: string): Promise<void> {
  const { model, elements, revision } = readFields(element)
  const field = elements.findIndex((each) => each === element)
  if (field < 0) return
  surface?.close()
  const told: PageMessage = { type: 'pasted', docId, revision, ancestors: ancestors(), page: model, field, message }
  const open = (await tell(told)) as MenuAnswer['open'] | undefined
  if (open !== null && open !== undefined) openAt(element, open)
}

function onFocus(event: FocusEvent): void {
  if (retired()) return
  const element = originOf(event)
  if (filling || surface?.isOwn(element) === true) return
  if (anchor !== null && element !== anchor) surface?.close()
  if (!isField(element)) return
  if (element !== declined) declined = null
  void focused(element, event.isTrusted)
}

function onKey(event: KeyboardEvent): void {
  if (retired() || !event.isTrusted || surface === null || originOf(event) !== anchor) return
  if (event.key === 'ArrowDown') {
    event.preventDefault()
    surface.focus()
  } else if (event.key === 'Escape') {
    event.stopPropagation()
    declined = anchor
    surface.close()
  } else if (event.key.length === 1 || event.key === 'Enter') surface.close()
}

/** A click beside our surface closes it; one into a field whose menu was closed opens it again. */
function onPointer(event: PointerEvent): void {
  if (retired() || !event.isTrusted) return
  const element = originOf(event)
  if (surface !== null && anchor !== null && element !== anchor) surface.close()
  else if (isField(element) && surface === null) {
    declined = null
    submissions.watch(element)
    const root = element.getRootNode() as Document | ShadowRoot
    if (root.activeElement === element) void focused(element, true)
  }
}

function canBeSeen(element: Element): boolean {
  return visibilityFault(element) === undefined && !coveredUnclickably(element, element.getBoundingClientRect())
}

/** Only what a person can see at this instant takes a value (E6), and only a value for this very document. */
function fill(message: Extract<FrameMessage, { type: 'fill' }>): FillAnswer {
  const reading = readingOf(message.revision)
  if (reading === undefined || message.docId !== docId || self.origin !== message.origin) return { filled: [], refused: ['gone'] }
  const refused: string[] = []
  const plain = (step: FillStep): boolean => {
    const element = reading.elements[step.field]
    element?.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: 'instant' })
    if (element === undefined || !canBeSeen(element)) {
      refused.push('invisible-field')
      return false
    }
    submissions.watch(element)
    return true
  }
  // one look at all of them first: what one field's events do to the next is seen again by `applyFill`
  const steps = message.plan.steps.filter(plain)
  filling = true
  const result = applyFill(reading.elements, { steps, left: [] })
  filling = false
  return { filled: result.filled, refused: [...refused, ...result.refused.map(({ reason }) => reason)] }
}

function onMessage(message: FrameMessage, _sender: unknown, respond: (answer: unknown) => void): boolean {
  if (message.docId !== docId) return false
  if (message.type === 'check') {
    const fault = surface?.token === message.token ? surface.fault(true) : 'gone'
    const answer: CheckAnswer = { fault }
    respond(answer)
  } else if (message.type === 'fill') respond(fill(message))
  else if (message.type === 'passkey') {
    waitingPasskey()?.use(message.ticket)
    respond(true)
  } else if (message.type === 'bar') {
    surface?.close()
    anchor = null
    const { token, height } = message
    surface = openSurface({ anchor: null, token, height, onClose: (fault) => closed(token, fault) })
    respond(true)
  } else if (surface?.token === message.token) {
    if (message.type === 'resize') surface.resize(message.height)
    else {
      const back = message.refocus && anchor instanceof HTMLElement ? anchor : null
      declined = anchor
      surface.close()
      back?.focus()
    }
    respond(true)
  }
  return false
}

/** Asked by the background before it decides anything: the fields of this frame, if there are any. */
async function look(): Promise<boolean> {
  const reading = readAll()
  if (reading.elements.length === 0 && window !== top) return false
  const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  await tell({
    type: 'page',
    docId,
    revision: reading.revision,
    ancestors: ancestors(),
    page: reading.model,
    status: entry?.responseStatus ?? 0,
  })
  return true
}

function begin(): void {
  Object.defineProperty(globalThis, lookName, { value: look })
  removeLeftSurfaces()
  api.runtime.onMessage.addListener(onMessage)
  const { signal } = listening
  document.addEventListener('focusin', onFocus, { capture: true, passive: true, signal })
  document.addEventListener('keydown', onKey, { capture: true, signal })
  document.addEventListener('pointerdown', onPointer, { capture: true, passive: true, signal })
  // a page that puts the focus into its field by itself did so before we were there; where we come late, nobody has just gone there
  const first = innermostFocus()
  if (isField(first) && !(lateName in globalThis)) void focused(first, true)
  // and many ask for a passkey only after it: the field that the person is already at is looked at once more, unless the menu was closed there
  const hook = waitingPasskey()
  if (hook !== undefined)
    hook.onBegin = () => {
      const now = innermostFocus()
      if (isField(now) && takesPasskeys(now) && now !== declined && !filling) void focused(now, true)
    }
}

// in a page that was open before, the browser and the background may both have seen to it
if (!(lookName in globalThis)) begin()
