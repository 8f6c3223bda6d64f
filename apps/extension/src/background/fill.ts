/**
 * Filling by a deliberate act outside of the page: a press in the popup, a shortcut, the context menu (E3, E6). The item's own site alone; a
 * frame or a form's address of another site only after its origin was named and confirmed.
 */
import { bestMatch, starterFeed, type Decision } from '@nokkel/autofill'
import type { ItemId } from '@nokkel/base'
import { decideFor, type Device } from './deciding.ts'
import { fillItem } from './fill-item.ts'
import { lookAt, type Frame } from './frames.ts'
import { openPopup } from './offers.ts'

export interface FillOutcome {
  readonly outcome: 'filled' | 'no-field' | 'hidden-field' | 'other-site' | 'insecure-page' | 'ask' | 'switched-off'
  /** to be named and confirmed, for `ask` */
  readonly origin: string
  /** the site is another one, and the same by the server's word alone: the question says that (AUT-7) */
  readonly bySaying?: true
}
const loginPurposes = ['sign-in', 'code', 'change-password', 'sign-up']
const said = (outcome: FillOutcome['outcome'], origin = ''): FillOutcome => ({ outcome, origin })

interface Target {
  readonly frame: Frame
  readonly decision: Decision
}

/** Where something of this kind can be filled, the tab's own frame first. */
async function targets(device: Device, frames: readonly Frame[], purposes: readonly string[]): Promise<readonly Target[]> {
  const found: Target[] = []
  for (const frame of frames) {
    // each group may be what is meant: a page with a newsletter field and a sign-in
    for (const group of frame.classification.groups) {
      const named = group.fields.filter((at) => {
        const label = frame.classification.fields.find((each) => each.field === at)?.label ?? 'none'
        return label !== 'none' && label !== 'cc-csc'
      })
      const focused = named.find((at) => frame.page.fields[at]?.visible !== false) ?? named[0]
      if (focused === undefined || !purposes.includes(group.purpose)) continue
      found.push({ frame, decision: await decideFor(device, frame, { kind: 'user', trusted: true, focused }) })
    }
  }
  return found
}

/** `confirmed`: the origin that the person was shown and said yes to. */
export async function fillTab(device: Device, id: string, tabId: number, confirmed: string): Promise<FillOutcome> {
  const item = await device.client().item(id as ItemId)
  const isCard = item.kind === 'card'
  const purposes = isCard ? ['card'] : loginPurposes
  const frames = await lookAt(tabId)
  if (!isCard) {
    const ranks = frames.map(({ url }) => bestMatch(item.sites, url, starterFeed))
    const told = await Promise.all(frames.map(({ url }) => device.matches().bySaying(url)))
    const bySaying = told.flat().some((each) => each.id === id)
    if (ranks.every(({ rank }) => rank === 'none') && !bySaying) return said('other-site')
    if (!bySaying && !ranks.some(({ rank, insecure }) => rank !== 'none' && !insecure)) return said('insecure-page')
  }
  const all = await targets(device, frames, purposes)
  let refused: FillOutcome | undefined
  for (const { frame, decision } of [...all].sort((a, b) => purposes.indexOf(a.decision.purpose) - purposes.indexOf(b.decision.purpose))) {
    if (!decision.offers.some(({ itemId }) => itemId === id)) {
      if (decision.reason === 'insecure-page') refused = said('insecure-page')
      if (decision.reason.startsWith('switched-off')) refused = said('switched-off')
      if (decision.reason === 'invisible-field') refused = said('hidden-field')
      continue
    }
    if (decision.act === 'ask' && decision.origin !== confirmed) {
      const asked = said('ask', decision.origin ?? frame.origin)
      return decision.reason === 'said-by-server' ? { ...asked, bySaying: true } : asked
    }
    const answer = await fillItem(device, frame, decision.group, id)
    if (answer.filled.length > 0) return said('filled')
    refused = said(answer.refused.includes('invisible-field') ? 'hidden-field' : 'no-field')
  }
  return refused ?? said('no-field')
}

/** The shortcut and the context menu: one account fits → filled; several, or none → the popup, where one chooses. */
export async function fillBest(device: Device, tabId: number): Promise<void> {
  if ((await device.state()) !== 'trusted') return openPopup(tabId)
  for (const { decision } of await targets(device, await lookAt(tabId), loginPurposes)) {
    const [only, ...others] = decision.offers
    if (only === undefined || others.length > 0 || decision.act === 'ask') continue
    const { outcome } = await fillTab(device, only.itemId, tabId, '')
    if (outcome === 'filled') return
  }
  await openPopup(tabId)
}
