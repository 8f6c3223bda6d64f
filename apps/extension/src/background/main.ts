/**
 * The background: holds the client as a device of its own (A5), keeps it in sync, locks it in time, and answers the extension's pages. It
 * may be ended by the browser at any moment and goes on from the store and the key in session memory.
 */
import { coalesced, isNokkelError, NokkelError, systemRandom, type ItemId, type RequestId } from '@nokkel/base'
import {
  defaultAutofill,
  openClient,
  type AutofillSettings,
  type Client,
  type JoinRequestInfo,
  type Progress,
  type Settings,
} from '@nokkel/client'
import { browserPlatform } from '@nokkel/client/browser'
import { generatePassword, totpCode } from '@nokkel/keychain'
import { deleteIndexedDbStore, openIndexedDbStore } from '@nokkel/store/indexeddb'
import { browser, type Port, type Sender } from '../browser.ts'
import type {
  CallAnswer,
  CallMessage,
  Calls,
  EnterDetails,
  Failure,
  Found,
  Snapshot,
  SnapshotMessage,
  Standing,
  TabSeen,
} from '../protocol.ts'
import { clipboardAlarm, emptyClipboard, noteCopied } from './clipboard.ts'
import { clientVersion } from './client-version.ts'
import type { Device } from './deciding.ts'
import { fillTab } from './fill.ts'
import { findings } from './findings.ts'
import { Matches } from './matches.ts'
import { forgetOffers, onInline } from './offers.ts'
import { ensurePerson, forgetPerson, personProved, personUnlocked, usePersonProof } from './person.ts'
import { isConsentWindow, onConsentPort } from './passkeys/consent.ts'
import { onPasskeyPort } from './passkeys/requests.ts'
import { fromPage, isInlineFrame, showBadge, watchTabs } from './pages.ts'
import { SaidSites } from './said-sites.ts'
import { considerAll, forgetAllSaving, loadSaving, purgeSaving } from './saving.ts'
import { forgetKey, idleMs, keepKey, keptKey, touch } from './session-key.ts'
import { standingOf } from './standing.ts'
import { keptSuggestion } from './suggestion.ts'
import { makeChange } from './why-not.ts'

const storeName = 'nokkelring'
const platform = browserPlatform('extension', clientVersion)
const pages = new Set<{ postMessage(message: SnapshotMessage): void }>()

let client: Client
let matches: Matches
const saidSites = new SaidSites(() => client)
let version = 0
let published = 0
let settings: Settings = { autoLockMinutes: 5, language: 'system', proofMinutes: 5 }
let autofill: AutofillSettings = defaultAutofill
let autofillReads = 0
let joinRequests: readonly JoinRequestInfo[] = []
let joinProgress: Progress | null = null
let joinEnded: Failure | null = null
let problem: Failure | null = null
/** as last published: whatever changes it publishes, and asking anew would keep a popup waiting that opens */
let standing: Standing | null = null
/** whether the server is there is not known yet */
let connecting = false
let watching: AbortController | null = null
let joining: AbortController | null = null

const failureOf = (error: unknown): Failure =>
  isNokkelError(error) ? { code: error.code, params: error.params } : { code: 'internal', params: {} }

async function open(): Promise<void> {
  client = openClient(await openIndexedDbStore(storeName), platform)
  matches = new Matches(client, () => saidSites.feed())
  await loadSaving()
  const key = await keptKey()
  if (key === null || (await client.state()) !== 'locked') return
  // a key of an older store opens nothing, and the passcode is asked for
  await client.unlockWithKey(key).then(goOn, forgetKey)
}
const opened = open()

/** In another life of the background, which may begin long after the last one: the machine slept. */
async function goOn(): Promise<void> {
  settings = await client.settings()
  if (!(await lockIfDue())) await settle()
}

const device: Device = {
  client: () => client,
  matches: () => matches,
  said: () => saidSites.feed(),
  state: async () => {
    await lockIfDue()
    return client.state()
  },
  language: () => settings.language,
  autofill: () => autofill,
  changeAutofill: async (changes) => {
    await client.changeAutofill(changes)
    await autofillChanged()
  },
  unlock: (passcode) => calls.unlock(passcode),
  touch: stillHere,
  itemsChanged: async () => {
    itemsChanged()
    await publish()
  },
}

async function snapshot(): Promise<Snapshot> {
  const state = await client.state()
  const joinCode = state === 'signed-in' ? ((await client.status()).joinRequest?.code ?? null) : null
  return { state, standing, joinCode, settings, autofill, joinRequests, version, joinProgress, joinEnded }
}

/** A round may bring thousands of changes: told of once, since each telling looks through all items. */
const publish = coalesced(async () => {
  published++
  standing = await standingOf(client, await client.state(), problem, connecting)
  const message: SnapshotMessage = { type: 'snapshot', snapshot: await snapshot() }
  for (const page of pages) page.postMessage(message)
})

function itemsChanged(): void {
  version++
  matches.changed()
  void showBadge(device)
}

/** Several reads may be under way: the one that began last knows most. */
async function readAutofill(): Promise<void> {
  const turn = ++autofillReads
  const found = await client.autofill()
  if (turn === autofillReads) autofill = found
}

/** Decided here or on another device: it holds for the next field, and in what the popup shows. */
async function autofillChanged(): Promise<void> {
  await readAutofill()
  await publish()
}

async function refreshRequests(): Promise<void> {
  joinRequests = await client.joinRequests().then(
    (all) => all.filter(({ state }) => state === 'pending'),
    () => joinRequests,
  )
}

async function settle(): Promise<void> {
  settings = await client.settings()
  await readAutofill()
  problem = null
  saidSites.forget()
  const state = await client.state()
  if (state === 'trusted') void saidSites.refresh()
  if (state === 'trusted') void watch()
  else if (state === 'signed-in' && (await client.status()).joinRequest !== null) void awaitJoin()
  itemsChanged()
  await publish()
  void considerAll(device)
}

async function watch(): Promise<void> {
  watching?.abort()
  const own = new AbortController()
  watching = own
  connecting = true
  try {
    await client.watch(
      (change) => {
        connecting = false
        if (change.type === 'item' || change.type === 'circle') itemsChanged()
        if (change.type === 'settings') void autofillChanged()
        else if (change.type === 'join-request' || change.type === 'online' || change.type === 'circle')
          void refreshRequests().then(publish)
        else void publish()
      },
      { signal: own.signal },
    )
  } catch (error) {
    if (!own.signal.aborted) await ended(error)
  }
}

/** Somebody has to act; until then it is said. Of a device that is out nothing of before is listed, offered or asked (B3). */
async function ended(error: unknown): Promise<void> {
  stop()
  problem = failureOf(error)
  if ((await client.state()) !== 'trusted') {
    forgetOffers()
    await forgetAllSaving()
    joinRequests = []
  }
  itemsChanged()
  await publish()
}

/** What was said holds until a round went well: an alarm every half minute must not make it flicker. */
async function sync(): Promise<void> {
  try {
    await client.sync()
    problem = null
  } catch (error) {
    // whoever watches finds out by itself, and says it
    if (watching === null && !(isNokkelError(error) && error.group === 'offline')) await ended(error)
    throw error
  } finally {
    await publish()
  }
  // one that waits to be served again would wait on
  void watch()
}

async function awaitJoin(): Promise<void> {
  joining?.abort()
  const own = new AbortController()
  joining = own
  joinEnded = null
  try {
    await client.waitForJoin({
      signal: own.signal,
      onProgress: (progress) => {
        joinProgress = progress
        void publish()
      },
    })
  } catch (error) {
    if (own.signal.aborted) return
    if ((await client.state()) !== 'trusted') joinEnded = failureOf(error)
  }
  joining = null
  joinProgress = null
  await settle()
}

function stop(): void {
  watching?.abort()
  joining?.abort()
  watching = null
  joining = null
  connecting = false
}

async function lock(): Promise<void> {
  stop()
  const forgotten = Promise.all([forgetKey(), forgetPerson(), forgetAllSaving()])
  client.lock()
  forgetOffers()
  matches.forget()
  saidSites.forget()
  await forgotten
  joinRequests = []
  itemsChanged()
  await publish()
}

/**
 * The automatic lock (C1, LOC-14), looked at before anything is shown, done or told that somebody is there, not by the alarm alone: that comes half a
 * minute late, and after the machine slept the first click may come before it. A device that is removed, off or reset keeps a copy, and locks
 * all the same; one that waits to be approved holds nothing. True: it has locked.
 */
async function lockIfDue(): Promise<boolean> {
  const state = await client.state()
  if (state === 'locked' || state === 'empty' || state === 'signed-in') return false
  if ((await idleMs()) < settings.autoLockMinutes * 60_000) return false
  await lock()
  return true
}

/** The person did something, which comes too late once the time is over. */
async function stillHere(): Promise<void> {
  await lockIfDue()
  await touch()
}

async function startOver(): Promise<void> {
  stop()
  await Promise.all([forgetKey(), forgetPerson(), forgetAllSaving()])
  await client.close()
  await deleteIndexedDbStore(storeName)
  problem = null
  joinRequests = []
  await open()
  await publish()
}

async function enter(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    // what a failed first attempt leaves behind is only in the way of the next one
    if ((await client.state()) === 'empty') await startOver()
    throw error
  }
  await keepKey(client.unlockKey())
  await personUnlocked()
}

/** What is locked is opened first: no proof is asked for. */
async function refuseLocked(): Promise<void> {
  if ((await client.state()) === 'locked') throw new NokkelError('locked')
}

/** Who is there (LOC-13)? Before a secret leaves for the popup, and before a device is let in. Filling is neither. */
async function ask(): Promise<void> {
  await refuseLocked()
  await ensurePerson(settings.proofMinutes)
}

async function secretOf(id: string, field: string): Promise<string> {
  const value = (await client.item(id as ItemId)).fields.find(({ name }) => name === field)?.value
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

const calls: Calls = {
  async createAccount(details: EnterDetails) {
    await enter(() => client.createAccount(details))
    await settle()
  },
  async signIn(details: EnterDetails) {
    await enter(() => client.signIn(details))
    if ((await client.state()) === 'signed-in') {
      // after an end everywhere nobody is left who could approve (D3)
      if (await client.isOffEverywhere()) await client.resetKeychain({ password: details.password, from: 'device' })
      else await client.requestJoin()
    }
    await settle()
  },
  async signOut() {
    stop()
    await client.signOut()
    await startOver()
  },
  async requestJoin() {
    await client.requestJoin()
    await settle()
  },
  joinQr: async () => (await client.joinQr()).text,
  async withdrawJoin() {
    joining?.abort()
    await client.withdrawJoin()
    joinProgress = null
    await publish()
  },
  async unlock(passcode) {
    await client.unlock(passcode)
    if ((await client.state()) === 'empty') return startOver()
    await keepKey(client.unlockKey())
    await personUnlocked()
    await settle()
  },
  async prove(passcode) {
    await refuseLocked()
    await client.checkPasscode(passcode)
    await personProved()
  },
  lock,
  sync,
  find: (text, pageUrl) => matches.find(text, pageUrl),
  findings: (tabId) => findings(device, tabId),
  fill: (id, tabId, confirmed) => fillTab(device, id, tabId, confirmed),
  async suggestion(tabId) {
    await ask()
    return (await client.state()) === 'trusted' ? keptSuggestion(tabId) : ''
  },
  change: (change, site) => makeChange(device, change, site),
  changeAutofill: (changes) => device.changeAutofill(changes),
  async reveal(id, field) {
    await ask()
    return secretOf(id, field)
  },
  async verificationCode(id) {
    await ask()
    return (await totpCode(await secretOf(id, 'totp'), Date.now())).code
  },
  copied: noteCopied,
  async add(title, site, username, password) {
    const fields = new Map<string, string | boolean>([
      ['title', title],
      ['username', username],
      ['password', password],
    ])
    if (site !== '') fields.set(`site:${site}`, true)
    await client.addItem({ kind: 'password', fields })
    itemsChanged()
    await publish()
  },
  generate: async () => generatePassword(systemRandom),
  async approve(requestId, code) {
    // whoever lets a device in can read everything there
    await ask()
    await client.approve(requestId as RequestId, code)
    await refreshRequests()
    await publish()
  },
  async decline(requestId) {
    await client.decline(requestId as RequestId)
    await refreshRequests()
    await publish()
  },
  async changeSettings(changes) {
    if (changes.autoLockMinutes !== undefined || changes.proofMinutes !== undefined) {
      await refuseLocked()
      await usePersonProof()
    }
    settings = await client.changeSettings(changes)
    await publish()
  },
}

/** The popup's page alone, which no web page can embed: it is not web-accessible (A34). The frame at a field has no say here. */
function isPopup(sender: Sender): boolean {
  return sender.id === browser.runtime.id && sender.url?.split('#')[0] === browser.runtime.getURL('/popup.html')
}

async function answer(message: CallMessage): Promise<CallAnswer> {
  try {
    await opened
    await stillHere()
    if (!Object.hasOwn(calls, message.name)) return { type: 'failure', failure: { code: 'internal', params: {} } }
    const call = calls[message.name] as (...args: readonly unknown[]) => Promise<unknown>
    return { type: 'result', value: await call(...message.args) }
  } catch (error) {
    return { type: 'failure', failure: failureOf(error) }
  }
}

browser.runtime.onMessage.addListener((message: unknown, sender, respond) => {
  if (isPopup(sender) && (message as CallMessage).type === 'call') {
    void answer(message as CallMessage).then(respond)
    return true
  }
  return fromPage(device, opened, message, sender, respond)
})

/** All that the popup shows first, in one message: each question that it would have to ask is a part of the time to its first rows. */
async function greet(port: Port, sender: Sender): Promise<void> {
  await lockIfDue()
  const before = published
  const look = async (tab: TabSeen): Promise<readonly [TabSeen, Found | null]> => [
    tab,
    (await client.state()) === 'trusted' ? await matches.find('', tab.url).catch(() => null) : null,
  ]
  const [now, [tab, found]] = await Promise.all([snapshot(), tabUnder(sender).then(look)])
  const message: SnapshotMessage = { type: 'snapshot', snapshot: now, opening: { tab, found } }
  port.postMessage(message)
  pages.add(port)
  if (published !== before) port.postMessage({ type: 'snapshot', snapshot: await snapshot() } satisfies SnapshotMessage)
}

/** A popup stands over the tab in front; the same page in a tab stands for the tab that its address names, if any. */
async function tabUnder(sender: Sender): Promise<TabSeen> {
  const named = /#tab=(\d{1,10})$/.exec(sender.url ?? '')?.[1]
  const tab =
    named === undefined
      ? (await browser.tabs.query({ active: true, lastFocusedWindow: true }))[0]
      : await browser.tabs.get(Number(named)).catch(() => undefined)
  return { id: tab?.id ?? -1, url: tab?.url ?? '' }
}

browser.runtime.onConnect.addListener((port) => {
  const sender = port.sender ?? {}
  if (port.name === 'inline' && isInlineFrame(sender)) return void opened.then(() => onInline(port))
  if (port.name === 'passkey') return onPasskeyPort(device, opened, port)
  if (port.name === 'consent' && isConsentWindow(sender)) return onConsentPort(port)
  if (!isPopup(sender)) return port.disconnect()
  port.onDisconnect.addListener(() => pages.delete(port))
  void opened.then(() => greet(port, sender))
})

watchTabs(device, opened)

async function wake(): Promise<void> {
  await opened
  purgeSaving()
  if ((await lockIfDue()) || (await client.state()) !== 'trusted') return
  if (watching === null) void (problem === null ? watch() : sync().catch(() => undefined))
  void saidSites.refresh()
}
browser.alarms.onAlarm.addListener(({ name }) => void (name === clipboardAlarm ? emptyClipboard().catch(() => undefined) : wake()))
void browser.alarms.create('wake', { periodInMinutes: 0.5 })
void browser.action.setBadgeBackgroundColor({ color: '#17604f' })
browser.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === 'install') void browser.tabs.create({ url: browser.runtime.getURL('/popup.html#tab') })
})
