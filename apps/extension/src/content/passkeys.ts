/**
 * Between the page's world and the background, in every frame of a secure site from the start of the document: takes a request for a passkey
 * from our script in the page, adds what only this side knows (has a person just done something here, what lies around this frame), and hands
 * the answer back. A page can imitate our script, and then asks what it could ask anyway.
 */
import { longestRequest, waitingName, type PasskeyAnswer, type PasskeyAsk, type WaitingPasskey } from './passkey-messages.ts'
import { ancestors, api, isOrphan, type RuntimePort } from './runtime.ts'

const helloName = 'nokkelring:passkeys'
/** The background is there within this time or the browser takes over; it may have to be started first. */
const startMs = 6_000
const open = new Map<number, RuntimePort>()

const policies = document as Document & { readonly featurePolicy?: { allowsFeature(name: string): boolean } }

const ownFrame = (): boolean => ancestors().every((origin) => origin === location.origin)

/** Where the browser does not say what its policy is, a frame of another site has none. */
function permitted(kind: PasskeyAsk['kind']): boolean {
  return policies.featurePolicy?.allowsFeature(`publickey-credentials-${kind}`) ?? ownFrame()
}

/** `ticket`: of the choice at a field. Without one the request is open, and each end of it is an answer; with one it goes on waiting. */
function begin(channel: string, id: number, kind: PasskeyAsk['kind'], options: unknown, ticket?: string): void {
  const port = api.runtime.connect({ name: 'passkey' })
  open.set(id, port)
  const answer = (text: string): void => {
    if (!open.delete(id)) return
    clearTimeout(starting)
    port.disconnect()
    if (ticket !== undefined && !text.includes('"outcome":"answer"')) return
    document.dispatchEvent(new CustomEvent(`${channel}:${id}`, { detail: text }))
  }
  const native = (): void => answer(JSON.stringify({ id, outcome: 'native' }))
  const starting = setTimeout(native, startMs)
  port.onMessage.addListener((message: PasskeyAnswer) => {
    if (message.outcome === 'asking') clearTimeout(starting)
    else answer(JSON.stringify({ ...message, id }))
  })
  port.onDisconnect.addListener(native)
  const ask: PasskeyAsk = {
    kind,
    options,
    ancestors: ancestors(),
    activated: navigator.userActivation?.isActive === true && document.visibilityState === 'visible',
    permitted: permitted(kind),
    ...(ticket !== undefined && { ticket }),
  }
  port.postMessage(ask)
}

interface Waiting {
  readonly channel: string
  readonly id: number
  readonly options: object
}
/** A page has one sign-in that waits at its fields, as in browsers; the last one counts. */
let waiting: Waiting | null = null

const hook: WaitingPasskey = {
  wanted: () => waiting?.options ?? null,
  onBegin: null,
  use: (ticket) => {
    if (waiting !== null && !open.has(waiting.id)) begin(waiting.channel, waiting.id, 'get', waiting.options, ticket)
  },
}

function listen(channel: string): void {
  document.addEventListener(channel, (event) => {
    const text: unknown = (event as CustomEvent<unknown>).detail
    // an orphan has nobody to ask
    if (isOrphan() || typeof text !== 'string' || text.length > longestRequest) return
    try {
      const { id, kind, options } = JSON.parse(text) as { readonly id?: unknown; readonly kind?: unknown; readonly options?: unknown }
      if (typeof id !== 'number' || !Number.isSafeInteger(id)) return
      if (kind === 'abort') {
        open.get(id)?.disconnect()
        open.delete(id)
        if (waiting?.id === id) waiting = null
      } else if (kind === 'wait' && typeof options === 'object' && options !== null && ownFrame()) {
        waiting = { channel, id, options }
        hook.onBegin?.()
      } else if ((kind === 'create' || kind === 'get') && !open.has(id)) begin(channel, id, kind, options)
      else return
      event.preventDefault()
    } catch {
      // not taken: whoever asked goes to the browser
    }
  })
}

document.addEventListener(
  helloName,
  (event) => {
    const channel: unknown = (event as CustomEvent<unknown>).detail
    event.preventDefault()
    if (typeof channel === 'string' && channel.length <= 64) listen(channel)
  },
  { once: true },
)
document.dispatchEvent(new CustomEvent(`${helloName}?`))
Object.defineProperty(globalThis, waitingName, { value: hook })
