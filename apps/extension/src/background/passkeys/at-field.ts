/**
 * Passkeys in the list at a field, for a sign-in that waits for one (conditional mediation, WebAuthn §5.1.4.1). A choice there is no yes yet: it
 * makes a ticket for the one document, under which the request then goes the way of every other (PK-8).
 */
import type { PasskeyAsk } from '../../content/passkey-messages.ts'
import type { PageMessage } from '../../content/messages.ts'
import type { InlineRow } from '../../inline/protocol.ts'
import type { Sender } from '../../browser.ts'
import type { Device } from '../deciding.ts'
import { tellFrame, type Frame } from '../frames.ts'
import { makeToken } from '../token.ts'
import { askerOf } from './caller.ts'
import { fittingFor } from './requests.ts'
import { addTicket } from './tickets.ts'

const prefix = 'passkey:'
const most = 10

/** Empty wherever the request would not be ours to answer. */
export async function passkeyRows(
  device: Device,
  message: Extract<PageMessage, { type: 'focus' }>,
  sender: Sender,
): Promise<readonly InlineRow[]> {
  if (message.passkey === null || !message.trusted || (await device.state()) !== 'trusted') return []
  const ask: PasskeyAsk = { kind: 'get', options: message.passkey, ancestors: message.ancestors, activated: true, permitted: false }
  const asker = askerOf(ask, sender)
  if (asker === undefined || asker.privateWindow || asker.caller.crossOrigin) return []
  const passkeys = await fittingFor(device, ask, asker)
  return passkeys.slice(0, most).map(({ itemId, username }) => ({ id: `${prefix}${itemId}`, kind: 'passkey', title: username, detail: '' }))
}

/** False: the row was no passkey. */
export async function choosePasskey(frame: Frame, id: string): Promise<boolean> {
  if (!id.startsWith(prefix)) return false
  const ticket = makeToken()
  addTicket(ticket, { itemId: id.slice(prefix.length), tabId: frame.tabId, origin: frame.origin }, Date.now())
  await tellFrame(frame, { type: 'passkey', docId: frame.docId, ticket })
  return true
}
