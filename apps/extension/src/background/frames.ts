/**
 * The frames of the tabs as the background knows them: who a message came from is what the browser says of its sender, and what its fields are
 * is what the engine makes of the page model, here and not in the page. In memory alone; asked for anew after every start.
 */
import { classify, sameSite, type Classification, type FillPlan, type PageModel } from '@nokkel/autofill'
import { NokkelError } from '@nokkel/base'
import { browser, type Sender } from '../browser.ts'
import { lookName, type CheckAnswer, type FillAnswer, type FrameMessage, type PageMessage } from '../content/messages.ts'

export interface Frame {
  readonly tabId: number
  readonly frameId: number
  readonly documentId: string | undefined
  readonly docId: string
  /** Address of the frame's document, from the browser. */
  readonly url: string
  readonly origin: string
  /** What the frame is seen inside of: the tab's address, or the nearest frame around that is of another site. */
  readonly topUrl: string
  readonly tabUrl: string
  readonly privateWindow: boolean
  readonly revision: number
  readonly status: number
  readonly page: PageModel
  readonly classification: Classification
}

type Described = Extract<PageMessage, { readonly page: PageModel; readonly revision: number }>

/** undefined: from no frame of a web page of this browser. */
export function frameOf(message: Described, sender: Sender): Frame | undefined {
  const { tab, frameId, documentId } = sender
  const url = sender.url ?? ''
  if (sender.id !== browser.runtime.id || tab?.id === undefined || tab.id < 0 || frameId === undefined || !/^https?:/.test(url))
    return undefined
  const tabUrl = frameId === 0 ? url : (tab.url ?? '')
  const stranger = message.ancestors.find((origin) => !sameSite(origin, url))
  return {
    tabId: tab.id,
    frameId,
    documentId,
    docId: message.docId,
    url,
    // a sandboxed frame has the address of its site and not its rights
    origin: sender.origin ?? new URL(url).origin,
    topUrl: frameId !== 0 && stranger !== undefined ? stranger : tabUrl,
    tabUrl,
    privateWindow: tab.incognito === true,
    revision: message.revision,
    status: message.type === 'page' ? message.status : 0,
    page: { ...message.page, url },
    classification: classify(message.page),
  }
}

interface Seen {
  readonly frame: Frame
  readonly turn: number
}
const tabs = new Map<number, Map<number, Seen>>()
let turns = 0

export function remember(frame: Frame): void {
  const frames = tabs.get(frame.tabId) ?? new Map<number, Seen>()
  frames.set(frame.frameId, { frame, turn: ++turns })
  tabs.set(frame.tabId, frames)
}

export function forgetTab(tabId: number): void {
  tabs.delete(tabId)
}

/** Runs in each frame of the tab, beside its content script. */
function askToLook(name: string): Promise<boolean> | undefined {
  return (globalThis as unknown as Readonly<Record<string, (() => Promise<boolean>) | undefined>>)[name]?.()
}

/** A frame that is just being unloaded may never answer. */
const lookMs = 1_500

/** The frames that have fields, the tab's own first, as they are now. Empty where no content script may run. */
export async function lookAt(tabId: number): Promise<readonly Frame[]> {
  const from = turns
  const asked = browser.scripting.executeScript({ target: { tabId, allFrames: true }, func: askToLook, args: [lookName] })
  await Promise.race([asked.catch(() => undefined), new Promise((resolve) => setTimeout(resolve, lookMs))])
  // two looks at once see the same answers; what did not answer this time is gone
  const seen = [...(tabs.get(tabId)?.values() ?? [])].filter(({ turn }) => turn > from)
  return seen.map(({ frame }) => frame).sort((a, b) => a.frameId - b.frameId)
}

/** To this one document: by its id where the browser has one, and checked by the document itself everywhere. */
export async function tellFrame(frame: Pick<Frame, 'tabId' | 'frameId' | 'documentId'>, message: FrameMessage): Promise<unknown> {
  const { tabId, frameId, documentId } = frame
  return browser.tabs.sendMessage(tabId, message, documentId === undefined ? { frameId } : { documentId }).catch(() => undefined)
}

export async function checkSurface(frame: Frame, token: string): Promise<CheckAnswer['fault']> {
  const answer = (await tellFrame(frame, { type: 'check', docId: frame.docId, token })) as CheckAnswer | undefined
  return answer === undefined ? 'gone' : answer.fault
}

/** The last look before a secret leaves the background: is the tab still where the decision was made? Then one plan goes to one frame (E6). */
export async function fillFrame(frame: Frame, plan: FillPlan): Promise<FillAnswer> {
  const tab = await browser.tabs.get(frame.tabId)
  const gone: FillAnswer = { filled: [], refused: ['gone'] }
  if (new URL(tab.url ?? 'about:blank').origin !== new URL(frame.tabUrl).origin) return gone
  const { docId, origin, revision } = frame
  if (origin !== new URL(frame.url).origin) throw new NokkelError('internal')
  return ((await tellFrame(frame, { type: 'fill', docId, origin, revision, plan })) as FillAnswer | undefined) ?? gone
}
