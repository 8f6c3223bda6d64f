/** What the popup wants to know of the page behind it: logins of its frames, whether a card is asked for, and why nothing was offered. */
import type { DeviceState } from '@nokkel/client'
import type { PageFindings } from '../protocol.ts'
import { cardDetail } from './candidates.ts'
import type { Device } from './deciding.ts'
import { lookAt } from './frames.ts'
import { keptSuggestion } from './suggestion.ts'
import { whyNot } from './why-not.ts'

const mostCards = 50

const isOver = (state: DeviceState): boolean => state === 'removed' || state === 'off' || state === 'reset'
const nothing: PageFindings = { inFrames: [], cards: [], causes: [], why: [], suggested: false }

export async function findings(device: Device, tabId: number): Promise<PageFindings> {
  // a copy that is kept is looked at and not filled from, and why is said above everything else (D2, B3)
  if (isOver(await device.state())) return nothing
  const frames = await lookAt(tabId)
  const { why, findings: causes } = await whyNot(device, tabId, frames)
  const inFrames = (await Promise.all(frames.slice(1).map(({ url }) => device.matches().forPage(url)))).flat()
  const asksForCard = frames.some(({ classification }) => classification.groups.some(({ purpose }) => purpose === 'card'))
  const cards = asksForCard && device.autofill().fillCards ? await device.client().items({ kind: 'card', limit: mostCards }) : []
  return {
    inFrames: [...new Map(inFrames.map((item) => [item.id, item])).values()],
    cards: await Promise.all(cards.map(async (item) => ({ item, detail: await cardDetail(device.client(), item.id) }))),
    causes,
    why,
    suggested: keptSuggestion(tabId) !== '',
  }
}
