/**
 * Watches what save detection needs (AUT-4): what was typed when a form was sent off, and what happened then. What is typed is read at that
 * moment and not before, and goes to the background alone. What it means is decided there.
 */
import type { CardFields } from '@nokkel/autofill'
import { watchPage, type FieldElement } from '@nokkel/autofill/dom'
import { readAll, rootsAbove, type Reading } from './fields.ts'
import type { PageMessage } from './messages.ts'
import { isOrphan } from './runtime.ts'

type Tell = (message: PageMessage) => void

/** A sign-in that was answered and whose form stays is not one; a page may need a while. */
const settleMs = 4_000
const goneSettleMs = 1_200
const repeatMs = 1_500
/** The digits of the shortest card number. */
const leastDigits = 12
const watched = new WeakSet<Document | ShadowRoot>()

interface Typed {
  readonly field: number
  readonly username: string
  readonly password: string
}

const isText = (element: Element): boolean =>
  element.localName === 'input' && /^(?:text|email|tel)$/.test((element as HTMLInputElement).type)
/** Fields that were passwords when they were touched: a site may show what is typed by making them text. */
const onceSecret = new WeakSet<Element>()
const isSecret = (element: Element): boolean =>
  element.localName === 'input' && ((element as HTMLInputElement).type === 'password' || onceSecret.has(element))

/**
 * What was typed that may be credentials: the password that will hold from now on, and the name before it. Roughly, from types and places: the
 * background has the page's fields as well, and drops what the engine does not take for a sign-in.
 */
function typedIn(reading: Reading, form: Element | null, cards: WeakSet<Element>): Typed | null {
  const { elements, model } = reading
  const secrets = elements.flatMap((element, at) => (isSecret(element) && !cards.has(element) && element.value !== '' ? [at] : []))
  const own = secrets.filter((at) => form !== null && elements[at]?.form === form)
  const among = own.length > 0 ? own : secrets
  const valueOf = (at: number): string => elements[at]?.value ?? ''
  // said to be new, or typed twice, or the only one
  const fresh = among.find((at) => /new-password/.test(model.fields[at]?.autocomplete ?? ''))
  const twice = among.find((at, place) => among.some((other, later) => later > place && valueOf(other) === valueOf(at)))
  const field = fresh ?? twice ?? among[0]
  const nameBefore = (end: number, within: Element | null): string =>
    elements
      .slice(0, end)
      .filter(
        (element) =>
          isText(element) &&
          !isSecret(element) &&
          !cards.has(element) &&
          element.value !== '' &&
          (within === null || element.form === within),
      )
      .at(-1)?.value ?? ''
  if (field !== undefined) {
    const holder = elements[field]?.form ?? null
    return { field, username: nameBefore(field, holder), password: valueOf(field) }
  }
  // a first step: the background looks whether this page asks for a name alone
  const username = nameBefore(elements.length, form)
  return username === '' ? null : { field: -1, username, password: '' }
}

export class Submissions {
  readonly #docId: string
  readonly #tell: Tell
  #last = ''
  #lastMs = 0
  #after: AbortController | null = null
  #secret: Element | null = null
  #gone = false
  /** Fields of cards as the engine named them, and those of security codes beside them: no part of a sign-in. */
  readonly #cards = new WeakSet<Element>()
  readonly #watches: (() => void)[] = []
  #card: readonly FieldElement[] = []

  constructor(docId: string, tell: Tell) {
    this.#docId = docId
    this.#tell = tell
  }

  /** From the first touch of a field on; again for each shadow root that one is found in. */
  watch(element: Element): void {
    if (isSecret(element)) onceSecret.add(element)
    for (const root of rootsAbove(element)) {
      if (watched.has(root)) continue
      watched.add(root)
      const stop = watchPage(root, {
        submitted: (form) => this.#submitted(form),
        changed: () => this.#changed(),
        errorShown: () => this.#event('error-shown'),
      })
      this.#watches.push(stop)
    }
  }

  /** Nothing is watched any more, and nothing told. */
  end(): void {
    for (const stop of this.#watches.splice(0)) stop()
    this.#after?.abort()
    this.#after = null
    this.#secret = null
  }

  /** What the engine found in a reading of the page: asked when the form is sent off. */
  noteCard({ elements }: Reading, { fields, codes }: CardFields): void {
    const at = (index: number): readonly FieldElement[] => elements.slice(index, index + 1)
    this.#card = fields.flatMap(at)
    for (const element of [...this.#card, ...codes.flatMap(at)]) this.#cards.add(element)
  }

  /** Told once for what was typed. */
  #isNew(key: string): boolean {
    if (key === this.#last && performance.now() - this.#lastMs < repeatMs) return false
    this.#last = key
    this.#lastMs = performance.now()
    return true
  }

  #cardSubmitted(reading: Reading, form: Element | null): boolean {
    const typed = this.#card.filter((element) => element.isConnected && element.value !== '' && (form === null || element.form === form))
    // roughly a card's number is among them
    const [number] = typed.filter((element) => /\d/.test(element.value))
    if (number === undefined || typed.map(({ value }) => value.replace(/\D/g, '')).join('').length < leastDigits) return false
    const values = typed.map((element): [number, string] => [reading.elements.indexOf(element), element.value.slice(0, 500)])
    if (!this.#isNew(values.join('\n'))) return true
    this.#tell({ type: 'card', docId: this.#docId, page: reading.model, values: values.filter(([at]) => at >= 0).slice(0, 16) })
    this.#secret = number
    this.#observe()
    return true
  }

  #submitted(form: Element | null): void {
    // what is typed is not even read for nobody
    if (isOrphan()) return this.end()
    const reading = readAll()
    const typed = typedIn(reading, form, this.#cards)
    // a password beside a card is what is asked about
    if ((typed === null || typed.field < 0) && this.#cardSubmitted(reading, form)) return
    if (typed === null) return
    if (!this.#isNew(`${typed.username}\n${typed.password}`)) return
    this.#tell({ type: 'submitted', docId: this.#docId, page: reading.model, ...typed })
    this.#secret = typed.field < 0 ? null : (reading.elements[typed.field] ?? null)
    if (this.#secret !== null) this.#observe()
  }

  #observe(): void {
    this.#after?.abort()
    const after = new AbortController()
    this.#after = after
    this.#gone = false
    const since = performance.now()
    let answered = false
    // the first answers of this site after the submission; what other hosts answer tells nothing, and is not shown to us either
    const requests = new PerformanceObserver((entries) => {
      for (const entry of entries.getEntries() as PerformanceResourceTiming[]) {
        if (entry.startTime < since - 50 || !/^(?:fetch|xmlhttprequest)$/.test(entry.initiatorType) || answered) continue
        if (new URL(entry.name, location.href).origin !== location.origin || !(entry.responseStatus > 0)) continue
        if (entry.responseStatus >= 400 && ![400, 401, 403, 409, 422, 423, 429].includes(entry.responseStatus)) continue
        answered = true
        this.#tell({ type: 'outcome', docId: this.#docId, event: 'response', status: entry.responseStatus })
      }
    })
    requests.observe({ type: 'resource', buffered: false })
    const settled = setTimeout(() => this.#settle(), settleMs)
    after.signal.addEventListener('abort', () => {
      requests.disconnect()
      clearTimeout(settled)
    })
  }

  #changed(): void {
    const secret = this.#secret
    if (secret === null || this.#gone || (secret.isConnected && secret.checkVisibility({ visibilityProperty: true }))) return
    this.#gone = true
    this.#event('form-gone')
    const late = setTimeout(() => this.#settle(), goneSettleMs)
    this.#after?.signal.addEventListener('abort', () => clearTimeout(late))
  }

  #settle(): void {
    this.#event('settled')
    this.#after?.abort()
    this.#after = null
    this.#secret = null
  }

  #event(event: 'form-gone' | 'error-shown' | 'settled'): void {
    if (this.#after !== null) this.#tell({ type: 'outcome', docId: this.#docId, event })
  }
}
