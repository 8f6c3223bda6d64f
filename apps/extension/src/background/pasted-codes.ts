/**
 * A message with a code that was pasted whole (E8, AUT-9). It takes nothing from the keychain, so it works with a locked one; what the person has
 * switched off stays off (E1).
 */
import { boundCodeOf, displayHost, fitOfBoundCode, starterFeed } from '@nokkel/autofill'
import type { Sender } from '../browser.ts'
import type { MenuAnswer, PageMessage } from '../content/messages.ts'
import { rowHeight, type InlineToBackground, type InlineView } from '../inline/protocol.ts'
import { planFor, takesCode, type Device } from './deciding.ts'
import { fillFrame, frameOf, remember, type Frame } from './frames.ts'
import { addOffer } from './offers.ts'
import { makeToken } from './token.ts'

const rowId = 'pasted-code'
const noteHeight = 88

function groupOf({ classification }: Frame, field: number): number {
  return classification.groups.findIndex(({ fields }) => fields.includes(field))
}

/** Around the frame, innermost first. Of the outermost the browser says which it is, of those between the frame itself. */
function around({ frameId, tabUrl }: Frame, ancestors: readonly string[]): readonly string[] {
  return frameId === 0 ? [] : [...ancestors.slice(0, -1), tabUrl]
}

/** Fills at once where the message names just this page; asks where it names its site; says so where it names another. */
export async function onPasted(
  device: Device,
  message: Extract<PageMessage, { type: 'pasted' }>,
  sender: Sender,
): Promise<MenuAnswer['open']> {
  const frame = frameOf(message, sender)
  const code = boundCodeOf(message.message)
  if (frame === undefined || code === undefined || !takesCode(device, frame, message.field)) return null
  // a sandboxed frame has the address of its site and not its rights
  const opaque = frame.origin !== new URL(frame.url).origin
  const fit = opaque ? 'other' : fitOfBoundCode(code, frame.url, around(frame, message.ancestors), starterFeed)
  remember(frame)
  const fill = async (): Promise<boolean> => {
    const { filled } = await fillFrame(frame, planFor(frame, groupOf(frame, message.field), { totp: code.code }))
    return filled.length > 0
  }
  if (fit === 'exact' && frame.frameId === 0) {
    await fill()
    return null
  }
  const language = device.language()
  const host = displayHost(code.embedded ?? code.host)
  const site = displayHost(new URL(frame.url).hostname)
  const token = makeToken()
  const view: InlineView = { kind: 'pasted', language, host, site, row: fit === 'other' ? null : { id: rowId, code: code.code } }
  const act = async (answer: InlineToBackground): Promise<boolean> =>
    fit !== 'other' && answer.type === 'choose' && answer.id === rowId && (await fill())
  addOffer({ token, frame, view, act })
  return { token, height: noteHeight + (fit === 'other' ? 0 : rowHeight) }
}
