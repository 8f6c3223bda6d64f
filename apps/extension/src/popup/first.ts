/**
 * The first thing that runs in the popup: asks the background what there is to show, before the screens have been read, and keeps the answer for
 * them. Knows nothing else; what comes is looked at by `background.ts`.
 */
import { browser, type Port } from '../browser.ts'

/** As the screens find it, by the name `nokkelFirst`: `background.ts` must not import this file, which would ask a second time. */
export interface FirstContact {
  readonly port: Port
  /** what came before somebody listened */
  readonly heard: unknown[]
  /** set by whoever takes over */
  listener: ((message: unknown) => void) | null
}

function contact(): FirstContact {
  const first: FirstContact = { port: browser.runtime.connect({ name: 'app' }), heard: [], listener: null }
  first.port.onMessage.addListener((message) => {
    if (first.listener === null) first.heard.push(message)
    else first.listener(message)
  })
  return first
}

// the screens may have been there sooner, and have asked by themselves
if (!('nokkelFirst' in globalThis)) Object.defineProperty(globalThis, 'nokkelFirst', { value: contact() })
