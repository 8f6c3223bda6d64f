/** The popup's side of the calls to the background, and the last snapshot. No secret stays here: answers go to whoever called. */
import { isNokkelError, NokkelError } from '@nokkel/base'
import { browser } from '../browser.ts'
import type { FirstContact } from './first.ts'
import { askForProof } from '@nokkel/ui/proof'
import type { CallAnswer, CallName, Calls, Snapshot, SnapshotMessage } from '../protocol.ts'

const listeners = new Set<() => void>()
let current: Snapshot | null = null
let opening: NonNullable<SnapshotMessage['opening']> = { tab: { id: -1, url: '' }, found: null }

function hear(message: unknown): void {
  const { snapshot, opening: first } = message as SnapshotMessage
  if (first !== undefined && current === null) opening = first
  current = snapshot
  for (const listener of listeners) listener()
}

function connectAnew(): void {
  const port = browser.runtime.connect({ name: 'app' })
  port.onMessage.addListener(hear)
  port.onDisconnect.addListener(connectAnew)
}

/** Takes over what `first.ts` began. The port ends with the background's life; connecting anew starts it again. */
export function connect(): void {
  const first = (globalThis as { readonly nokkelFirst?: FirstContact }).nokkelFirst
  if (first === undefined) {
    Object.defineProperty(globalThis, 'nokkelFirst', { value: null })
    return connectAnew()
  }
  first.port.onDisconnect.addListener(connectAnew)
  first.listener = hear
  for (const message of first.heard.splice(0)) hear(message)
}

/** Throws `NokkelError` with the codes of the client's call; `cancelled` where a proof was needed and the person gave none (C1). */
export async function call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<Awaited<ReturnType<Calls[Name]>>> {
  try {
    return await send(name, ...args)
  } catch (error) {
    if (!isNokkelError(error, 'proof-needed')) throw error
    await askForProof()
    return send(name, ...args)
  }
}

/** As `call`, and asks nobody: throws `proof-needed`. */
export async function send<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): Promise<Awaited<ReturnType<Calls[Name]>>> {
  const answer = (await browser.runtime.sendMessage({ type: 'call', name, args })) as CallAnswer
  if (answer.type === 'failure') throw new NokkelError(answer.failure.code, answer.failure.params)
  return answer.value as Awaited<ReturnType<Calls[Name]>>
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
/** What came with the first snapshot; the tab stays the same for as long as the popup lives. */
export function atOpening(): NonNullable<SnapshotMessage['opening']> {
  return opening
}
export function currentSnapshot(): Snapshot | null {
  return current
}
