/**
 * Watches for what save detection needs (E2): submits and what stands for one, fields that appear or go, error texts. Listens only; reads no
 * value. The caller turns it into `SaveEvent`s.
 */
export interface PageWatch {
  /** A submit event, Enter in a field, or a click on a button in or beside a form with a password. */
  readonly submitted: (form: Element | null) => void
  /** Fields may have appeared or gone; called at most once a frame. */
  readonly changed: () => void
  /** role=alert or aria-invalid appeared. */
  readonly errorShown: () => void
}

const button = 'button,input[type=submit],input[type=image],input[type=button],[role=button]'

/** Returns the function that ends it. `root`: the document, or a shadow root that was found. */
export function watchPage(root: Document | ShadowRoot, watch: PageWatch): () => void {
  const stop = new AbortController()
  const options = { capture: true, passive: true, signal: stop.signal } as const
  const formOf = (target: EventTarget | null): Element | null =>
    target instanceof Element ? Element.prototype.closest.call(target, 'form') : null
  const origin = (event: Event): EventTarget | null => event.composedPath()[0] ?? event.target
  root.addEventListener('submit', (event) => watch.submitted(formOf(origin(event))), options)
  root.addEventListener(
    'keydown',
    (event) => {
      const target = origin(event)
      if (event.isTrusted && (event as KeyboardEvent).key === 'Enter' && target instanceof HTMLInputElement) watch.submitted(formOf(target))
    },
    options,
  )
  root.addEventListener(
    'click',
    (event) => {
      const target = origin(event)
      if (event.isTrusted && target instanceof Element && target.closest(button) !== null) watch.submitted(formOf(target))
    },
    options,
  )
  let pending = false
  const observer = new MutationObserver((records) => {
    for (const record of records) {
      const target = record.target
      if (record.type === 'attributes') {
        if (record.attributeName === 'aria-invalid' && target instanceof Element && target.getAttribute('aria-invalid') === 'true')
          watch.errorShown()
        continue
      }
      for (const node of record.addedNodes) {
        if (
          node instanceof Element &&
          (node.matches('[role=alert]') || node.querySelector('[role=alert]') !== null) &&
          (node.textContent ?? '').trim() !== ''
        )
          watch.errorShown()
      }
      if (target instanceof Element && target.closest('[role=alert]') !== null && (target.textContent ?? '').trim() !== '')
        watch.errorShown()
    }
    if (pending) return
    pending = true
    requestAnimationFrame(() => {
      pending = false
      watch.changed()
    })
  })
  observer.observe(root, {
    childList: true,
    subtree: true,
    attributes: true,
    attributeFilter: ['aria-invalid', 'type', 'hidden', 'style', 'class'],
  })
  return () => {
    stop.abort()
    observer.disconnect()
  }
}
