/**
 * The window in which a person is asked: of the browser's own, so that no page can draw over it, resize it or send clicks into it, and not
 * web-accessible, so that none can show it. It is named by a token for one request, and closed means no.
 */
import { isNokkelError } from '@nokkel/base'
import { browser, type Port, type Sender } from '../../browser.ts'
import type { BackgroundToConsent, ConsentToBackground, ConsentView } from '../../consent/protocol.ts'
import { makeToken } from '../token.ts'

export type Said = Exclude<ConsentToBackground, { readonly type: 'hello' | 'alive' }>

const size = { width: 440, height: 560 } as const
const pagePath = '/consent.html'
const waiting = new Map<string, (port: Port) => void>()
/** By the browser's number of their window: one that is closed before its page has spoken is a no as well. */
const shown = new Map<number, () => void>()
let watching = false

function watchWindows(): void {
  if (watching) return
  watching = true
  browser.windows.onRemoved.addListener((id) => shown.get(id)?.())
}

export function isConsentWindow(sender: Sender): boolean {
  return sender.id === browser.runtime.id && sender.url?.split('#')[0] === browser.runtime.getURL(pagePath)
}

export class Consent {
  #port: Port | undefined
  #windowId: number | undefined
  #attached = false
  #view: ConsentView
  readonly #token: string
  readonly #said: Said[] = []
  #wake: (() => void) | undefined
  #ended = false

  private constructor(view: ConsentView, token: string) {
    this.#view = view
    this.#token = token
  }

  /** `signal`: the page gave up, or is gone. */
  static async open(view: ConsentView, signal: AbortSignal): Promise<Consent> {
    watchWindows()
    const consent = new Consent(view, makeToken())
    waiting.set(consent.#token, (port) => consent.#attach(port))
    signal.addEventListener('abort', () => consent.close())
    const url = browser.runtime.getURL(`${pagePath}#${consent.#token}`)
    const made = await browser.windows.create({ type: 'popup', url, ...size })
    consent.#windowId = made.id
    if (made.id !== undefined) shown.set(made.id, () => consent.#hear({ type: 'no' }))
    if (signal.aborted) consent.close()
    return consent
  }

  #attach(port: Port): void {
    if (this.#ended) return port.disconnect()
    this.#port = port
    this.#attached = true
    port.onMessage.addListener((raw) => {
      const message = raw as ConsentToBackground
      if (message.type !== 'hello' && message.type !== 'alive') this.#hear(message)
    })
    port.onDisconnect.addListener(() => {
      this.#port = undefined
      this.#hear({ type: 'no' })
    })
    this.show(this.#view)
  }

  #hear(message: Said): void {
    this.#said.push(message)
    this.#wake?.()
  }

  #tell(message: BackgroundToConsent): void {
    this.#port?.postMessage(message)
  }

  show(view: ConsentView): void {
    this.#view = view
    this.#tell({ type: 'view', view })
  }

  /** Says what was wrong with a passcode; the person may try again. */
  fail(error: unknown): void {
    const { code, params } = isNokkelError(error) ? error : { code: 'internal' as const, params: {} }
    this.#tell({ type: 'failure', code, params })
  }

  /** What the person does next; `no` once the window is closed, for whatever reason. */
  async next(): Promise<Said> {
    while (this.#said.length === 0 && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    return this.#said.shift() ?? { type: 'no' }
  }

  close(): void {
    if (this.#ended) return
    this.#ended = true
    waiting.delete(this.#token)
    if (this.#windowId !== undefined) shown.delete(this.#windowId)
    if (this.#attached) this.#tell({ type: 'done' })
    else if (this.#windowId !== undefined) void browser.windows.remove(this.#windowId).catch(() => undefined)
    this.#wake?.()
  }
}

/** A consent page has started: it gets what its token stands for, once. */
export function onConsentPort(port: Port): void {
  let known = false
  port.onMessage.addListener((raw) => {
    const message = raw as ConsentToBackground
    if (message.type !== 'hello' || known) return
    const attach = waiting.get(message.token)
    if (attach === undefined) return port.disconnect()
    known = true
    waiting.delete(message.token)
    attach(port)
  })
}
