/**
 * One request for a passkey from first word to last: who asks, for which site, may it be asked at all; then a person's yes, and only then a
 * key is made or used. Until the person is asked, everything that speaks against it ends in the browser's own turn, whatever the keychain holds;
 * afterwards every no is the same refusal (PK-5).
 */
import { systemRandom, type ItemId } from '@nokkel/base'
import {
  answerWithPasskey,
  makePasskey,
  readAssertionRequest,
  readCreationRequest,
  rpIdFault,
  type AssertionRequest,
  type CreationRequest,
  type Verification,
} from '@nokkel/passkeys'
import type { Port } from '../../browser.ts'
import type { ConsentView } from '../../consent/protocol.ts'
import { readPasskeyAsk, type PasskeyAnswer, type PasskeyAsk } from '../../content/passkey-messages.ts'
import type { Device } from '../deciding.ts'
import { askerOf, shownHost, type Asker } from './caller.ts'
import { Consent, type Said } from './consent.ts'
import { note, type PasskeyReason } from './noted.ts'
import { isOneOf, keep, passkeysOf, sameAccount, type StoredPasskey } from './stored.ts'
import { takeTicket, type Ticket } from './tickets.ts'

type Request = { readonly kind: 'create'; readonly wanted: CreationRequest } | { readonly kind: 'get'; readonly wanted: AssertionRequest }

/** One person, one question at a time. */
let asking = false

/** Goes to the browser, and says why. */
class Passed extends Error {
  readonly reason: PasskeyReason
  constructor(reason: PasskeyReason) {
    super(reason)
    this.reason = reason
  }
}

function read(ask: PasskeyAsk, asker: Asker): Request {
  const reading = ask.kind === 'create' ? readCreationRequest(ask.options, asker.host) : readAssertionRequest(ask.options, asker.host)
  if (!reading.ok) throw new Passed(reading.fault)
  const fault = rpIdFault(reading.request.rpId, asker.caller.origin)
  if (fault !== undefined) throw new Passed(fault)
  return { kind: ask.kind, wanted: reading.request } as Request
}

/** Throws `Passed` for what the browser has to answer. */
function check(device: Device, ask: PasskeyAsk, asker: Asker, chosen: Ticket | undefined): Request {
  if (!device.autofill().passkeys) throw new Passed('passkeys-off')
  const request = read(ask, asker)
  // a passkey is made in the page that a person sees; frames of others use one as far as the policy around them lets them
  if (asker.caller.crossOrigin && (ask.kind === 'create' || !ask.permitted)) throw new Passed('foreign-frame')
  // E3: nothing is saved
  if (asker.privateWindow && ask.kind === 'create') throw new Passed('private-window')
  if (!ask.activated && chosen === undefined) throw new Passed('no-activation')
  if (asking) throw new Passed('busy')
  return request
}

/** Those of the site that the request would take. */
async function fitting(device: Device, wanted: AssertionRequest): Promise<readonly StoredPasskey[]> {
  const all = await passkeysOf(device.client(), wanted.rpId)
  // without a list the site learns from the handle who it is
  return all.filter((each) => (wanted.allow.length === 0 ? each.userHandle !== undefined : isOneOf(each, wanted.allow)))
}

/** For the list at a field: what a request that waits there would take. Empty for one that is the browser's. */
export async function fittingFor(device: Device, ask: PasskeyAsk, asker: Asker): Promise<readonly StoredPasskey[]> {
  try {
    const request = check(device, ask, asker, undefined)
    return request.kind === 'get' ? await fitting(device, request.wanted) : []
  } catch (error) {
    if (error instanceof Passed) return []
    throw error
  }
}

interface Standing {
  readonly view: ConsentView
  readonly passkeys: readonly StoredPasskey[]
}

const passcodeFor: Readonly<Record<Verification, ConsentView['passcode']>> = {
  required: 'needed',
  preferred: 'welcome',
  discouraged: 'none',
}

/** What is to be shown now. `verified`: the passcode was given in this very window. */
async function standing(device: Device, request: Request, asker: Asker, verified: boolean, chosen?: Ticket): Promise<Standing> {
  const { wanted } = request
  const { origin, topOrigin } = asker.caller
  const page = asker.host === wanted.rpId ? null : shownHost(origin)
  const base = {
    language: device.language(),
    kind: request.kind,
    site: shownHost(`https://${wanted.rpId}`),
    page,
    around: topOrigin === undefined ? null : shownHost(topOrigin),
    replaces: false,
    passcode: verified ? 'none' : passcodeFor[wanted.verification],
  } as const
  if ((await device.state()) !== 'trusted') return { view: { ...base, step: 'locked', accounts: [] }, passkeys: [] }
  if (request.kind === 'get') {
    const all = await fitting(device, request.wanted)
    const passkeys = chosen === undefined ? all : all.filter(({ itemId }) => itemId === chosen.itemId)
    const accounts = passkeys.map(({ itemId, username, displayName }) => ({ id: itemId, username, displayName }))
    return { view: { ...base, step: accounts.length === 0 ? 'none' : 'choose', accounts }, passkeys }
  }
  const passkeys = await passkeysOf(device.client(), wanted.rpId)
  const { exclude, userHandle, username, displayName } = request.wanted
  const excluded = passkeys.some((each) => isOneOf(each, exclude))
  const accounts = [{ id: '', username, displayName }]
  const replaces = !excluded && sameAccount(passkeys, userHandle) !== undefined
  return { view: { ...base, step: excluded ? 'excluded' : 'choose', accounts, replaces }, passkeys }
}

interface Consented {
  readonly said: Extract<Said, { type: 'yes' }>
  readonly passkeys: readonly StoredPasskey[]
  readonly verified: boolean
  readonly excluded: boolean
}

/** Asks until there is an answer: 'no' and 'elsewhere' end it, wrong passcodes do not. */
async function consult(
  device: Device,
  request: Request,
  asker: Asker,
  consent: Consent,
  first: Standing,
  chosen: Ticket | undefined,
): Promise<Consented | 'no' | 'elsewhere'> {
  let verified = false
  let now = first
  for (;;) {
    const said = await consent.next()
    if (said.type === 'no' || said.type === 'elsewhere') return said.type
    await device.touch()
    try {
      if (said.type === 'unlock') {
        await device.unlock(said.passcode)
        verified = true
      } else {
        // a click is a person's when the window could be seen before it
        if (said.seen !== null || now.view.step === 'locked' || now.view.step === 'none') continue
        const required = request.wanted.verification === 'required'
        if (said.passcode !== '' || (required && !verified)) {
          await device.client().checkPasscode(said.passcode)
          verified = true
        }
        // as things are at this instant: locked meanwhile, deleted elsewhere, there since
        const then = await standing(device, request, asker, verified, chosen)
        const same = then.view.step === now.view.step && then.view.replaces === now.view.replaces
        if (same) return { said, passkeys: then.passkeys, verified, excluded: then.view.step === 'excluded' }
      }
    } catch (error) {
      consent.fail(error)
      continue
    }
    now = await standing(device, request, asker, verified, chosen)
    consent.show(now.view)
  }
}

async function act(device: Device, request: Request, asker: Asker, yes: Consented, signal: AbortSignal): Promise<PasskeyAnswer> {
  const client = device.client()
  if (request.kind === 'get') {
    const passkey = yes.passkeys.find(({ itemId }) => itemId === yes.said.id)
    if (passkey === undefined) return { outcome: 'refused' }
    return { outcome: 'answer', json: await answerWithPasskey(passkey, request.wanted, asker.caller, yes.verified) }
  }
  if (yes.excluded) return { outcome: 'excluded' }
  const { passkey, json } = await makePasskey(request.wanted, asker.caller, yes.verified, systemRandom)
  // a page that is gone would leave a passkey that no site knows
  if (signal.aborted) return { outcome: 'refused' }
  const before = sameAccount(yes.passkeys, passkey.userHandle)?.itemId
  const id = await keep(client, passkey, shownHost(`https://${passkey.rpId}`), asker.caller.origin, before)
  if (signal.aborted && before === undefined) await client.deleteItem(id as ItemId)
  await device.itemsChanged()
  return { outcome: 'answer', json }
}

async function answer(
  device: Device,
  message: PasskeyAsk,
  asker: Asker,
  signal: AbortSignal,
  tell: (answer: PasskeyAnswer) => void,
): Promise<void> {
  const end = (reason: PasskeyReason, said: PasskeyAnswer): void => {
    note(asker.tabId, asker.caller.origin, reason)
    tell(said)
  }
  const chosen = takeTicket(message.ticket, asker.tabId, asker.caller.origin, Date.now())
  const request = check(device, message, asker, chosen)
  asking = true
  let consent: Consent | undefined
  try {
    const state = await device.state()
    if (state !== 'trusted' && state !== 'locked') throw new Passed('not-set-up')
    const first = await standing(device, request, asker, false, chosen)
    if (first.view.step === 'none') throw new Passed('no-passkey')
    consent = await Consent.open(first.view, AbortSignal.any([signal, AbortSignal.timeout(request.wanted.timeoutMs)]))
    tell({ outcome: 'asking' })
    const yes = await consult(device, request, asker, consent, first, chosen)
    if (yes === 'elsewhere') return end('chose-browser', { outcome: 'native' })
    if (yes === 'no') return end('declined', { outcome: 'refused' })
    const said = await act(device, request, asker, yes, signal)
    end(said.outcome === 'refused' ? 'failed' : 'answered', said)
  } catch (error) {
    // before anybody was asked the browser takes over; afterwards it is a no like any other
    if (consent === undefined) throw error
    end('failed', { outcome: 'refused' })
  } finally {
    asking = false
    consent?.close()
  }
}

/** A document's script has opened a port: one request, one answer. */
export function onPasskeyPort(device: Device, ready: Promise<unknown>, port: Port): void {
  const gone = new AbortController()
  let heard = false
  const tell = (said: PasskeyAnswer): void => {
    if (!gone.signal.aborted) port.postMessage(said)
  }
  port.onDisconnect.addListener(() => gone.abort())
  port.onMessage.addListener((raw) => {
    if (heard) return
    heard = true
    const message = readPasskeyAsk(raw)
    const asker = message === null ? undefined : askerOf(message, port.sender ?? {})
    if (message === null || asker === undefined) return tell({ outcome: 'native' })
    void ready
      .then(() => answer(device, message, asker, gone.signal, tell))
      .catch((error: unknown) => {
        note(asker.tabId, asker.caller.origin, error instanceof Passed ? error.reason : 'failed')
        tell({ outcome: 'native' })
      })
  })
}
