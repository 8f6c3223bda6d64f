/**
 * The page's side of the calls. Holds the worker and the last snapshot; a lock ends the worker and starts a new one, which takes all
 * that was unlocked with it. No secret stays here: answers go to whoever called.
 */
import { isNokkelError, NokkelError } from '@nokkel/base'
import { askForProof } from '@nokkel/ui/proof'
import { keychainWorkerScript } from './script-urls.ts'
import type { Answer, CallName, Calls, Snapshot } from '../worker/protocol.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: NokkelError) => void
}

let worker: Worker
let next = 1
const waiting = new Map<number, Waiting>()
const listeners = new Set<() => void>()
let current: Snapshot | null = null
let wasOpen = false
let turnedOn = false
/** the worker has said something, so that its script was loaded */
let heard = false
let isMissing = false

function spawn(): void {
  heard = false
  isMissing = false
  worker = new Worker(keychainWorkerScript(), { type: 'module', name: 'keychain' })
  worker.addEventListener('message', (event: MessageEvent<Answer>) => receive(event.data))
  worker.addEventListener('error', () => {
    isMissing = !heard
    fail(new NokkelError(isMissing ? 'offline' : 'internal'))
  })
  // a failure to open the store shows as the state that it leaves: none
  call('start').catch((error: unknown) => report(error))
}

/** Nothing of what was shown is true any more: another worker says what is. What was open is left by its address too. */
function beginAnew(): void {
  fail(new NokkelError('locked'))
  worker.terminate()
  wasOpen = false
  turnedOn = false
  current = null
  startFailure = null
  location.hash = '/'
  for (const listener of listeners) listener()
  spawn()
}

let startFailure: NokkelError | null = null
function report(error: unknown): void {
  startFailure = error instanceof NokkelError ? error : new NokkelError('internal')
  for (const listener of listeners) listener()
}
export function failureAtStart(): NokkelError | null {
  return startFailure
}

function receive(answer: Answer): void {
  heard = true
  if (answer.type === 'snapshot') {
    const { state } = answer.snapshot
    if (state === 'trusted' && (current?.state === 'empty' || current?.state === 'signed-in')) turnedOn = true
    if (state === 'locked' && wasOpen) {
      wasOpen = false
      fail(new NokkelError('locked'))
      worker.terminate()
      current = answer.snapshot
      spawn()
    } else {
      wasOpen = state !== 'locked' && state !== 'empty'
      current = answer.snapshot
    }
    for (const listener of listeners) listener()
    return
  }
  if (answer.type === 'taken') {
    beginAnew()
    return
  }
  if (answer.type === 'looking') {
    for (const watcher of watchers) watcher(answer.known, answer.total)
    return
  }
  const caller = waiting.get(answer.id)
  waiting.delete(answer.id)
  if (answer.type === 'result') caller?.resolve(answer.value)
  else caller?.reject(new NokkelError(answer.failure.code, answer.failure.params))
}

function fail(error: NokkelError): void {
  for (const caller of waiting.values()) caller.reject(error)
  waiting.clear()
}

/** Throws `NokkelError` with the codes of the client's call; `cancelled` where a proof was needed and the person gave none (C1). */
export function call<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): ReturnType<Calls[Name]> {
  return send(name, ...args).catch(async (error: unknown) => {
    if (!isNokkelError(error, 'proof-needed')) throw error
    await askForProof()
    return send(name, ...args)
  }) as ReturnType<Calls[Name]>
}

/** The same, without a question to the person: throws `proof-needed` instead. */
export function send<Name extends CallName>(name: Name, ...args: Parameters<Calls[Name]>): ReturnType<Calls[Name]> {
  // what could not be loaded may be there by now
  if (isMissing) spawn()
  const id = next++
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve: resolve as (value: unknown) => void, reject })
    worker.postMessage({ id, name, args })
  }) as ReturnType<Calls[Name]>
}

type Watcher = (known: number, total: number) => void
const watchers = new Set<Watcher>()
/** Hears how far the doctor has come, until the returned function is called. */
export function watchLooking(watcher: Watcher): () => void {
  watchers.add(watcher)
  return () => watchers.delete(watcher)
}

export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function currentSnapshot(): Snapshot | null {
  return current
}

/** The keychain was turned on in this window: its account made, or this device let in. */
export function turnedOnHere(): boolean {
  return turnedOn
}

export function startWorker(): void {
  spawn()
}
