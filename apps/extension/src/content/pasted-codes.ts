/**
 * A message with a code that is pasted whole into the field for it (AUT-9): the field gets the code, and only if the message names this site. Which
 * field that is says the background; what the message means is decided there, and to it goes the last line alone.
 */
import { isOrphan, originOf } from './runtime.ts'

/** Roughly; and no longer than the background reads (messages.ts). */
const bound = /(?:^|[\r\n])(@\S+ #\S[^\r\n]{0,400})\s*$/
const longest = 2_000

export class PastedCodes {
  readonly #ask: (element: Element, message: string) => void
  #field: WeakRef<Element> | null = null

  constructor(ask: (element: Element, message: string) => void) {
    this.#ask = ask
    // before any listener of the page that would take the message for the code
    addEventListener('paste', (event) => this.#pasted(event), { capture: true })
  }

  /** null: the focus is at none. */
  note(field: Element | null): void {
    this.#field = field === null ? null : new WeakRef(field)
  }

  #pasted(event: ClipboardEvent): void {
    const element = originOf(event)
    // an orphan would take away what it can do nothing with
    if (isOrphan() || !event.isTrusted || element === null || this.#field?.deref() !== element) return
    const text = event.clipboardData?.getData('text/plain') ?? ''
    const message = text.length > longest ? undefined : bound.exec(text)?.[1]
    if (message === undefined) return
    event.preventDefault()
    event.stopImmediatePropagation()
    this.#ask(element, message)
  }
}
