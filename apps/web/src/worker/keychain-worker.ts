/**
 * The worker that owns the keychain: client, keys, crypto, search and connection. The page sees only what `protocol.ts` lets through.
 * After a lock the page ends this worker and starts another, so that nothing of the unlocked memory is left. Long because it has one short method
 * for each call of the page, over state that nothing else may hold.
 */
import { coalesced, isNokkelError, Secret, systemRandom, type DeviceId, type ItemId, type RequestId } from '@nokkel/base'
import {
  openClient,
  readBackup,
  readDraft,
  showItem,
  textOf,
  writeBackup,
  type AutofillChanges,
  type ClassPolicy,
  type Client,
  type JoinRequestInfo,
  type Progress,
  type PushSubscription,
  type Settings,
} from '@nokkel/client'
import { browserPlatform, PersonProof } from '@nokkel/client/browser'
import { generatePassword, parseTotp, totpCode, type ItemKind } from '@nokkel/keychain'
import { deleteIndexedDbStore, openIndexedDbStore } from '@nokkel/store/indexeddb'
import { clientVersion } from './client-version.ts'
import { summariseImport } from './import-summary.ts'
import { ItemLists } from './item-lists.ts'
import { settingsAtFirst } from './nothing-yet.ts'
import { recoveryCalls } from './recovery-calls.ts'
import type { AuthenticatorAnswer, Category, Draft, Failure, ItemShown, SignInDetails, Snapshot } from './protocol.ts'
import { serve } from './serve.ts'
import { storeName, tabsChannel } from './store-name.ts'
import { wifiText } from './wifi-text.ts'

const lockCheckMs = 2_000
const listFirstMs = 500
const searchAfterMs = 100
const tabs = new BroadcastChannel(tabsChannel)
const platform = browserPlatform('web', clientVersion)

let client: Client
let lists: ItemLists
let version = 0
let joinRequests: readonly JoinRequestInfo[] = []
let problem: Failure | null = null
let joinEnded: Failure | null = null
let joinProgress: Progress | null = null
/** while it goes on, or waits to be tried again: null once it has ended */
let watching: AbortController | null = null
/** unlocked, and whether the server is there is not known yet */
let connecting = false
let joining: AbortController | null = null
let preparing: AbortController | null = null
let touchedMs = Date.now()
const proof = new PersonProof(platform.clock)
let settings: Settings = settingsAtFirst

const failureOf = (error: unknown): Failure =>
  isNokkelError(error) ? { code: error.code, params: error.params } : { code: 'internal', params: {} }

/** Another tab erases this device: what is in memory here is of a keychain that is gone, and the page must not show it for a moment longer. */
function onTaken(): void {
  stop()
  client.lock()
  answers.taken()
}

async function open(): Promise<void> {
  client = openClient(await openIndexedDbStore(storeName, { onTaken }), platform)
  lists = new ItemLists(client)
}
/** Calls that come while the store is being opened wait for it, and so does whatever this worker does by itself. */
let opened = open()

async function snapshot(): Promise<Snapshot> {
  const state = await client.state()
  const status = state === 'locked' || state === 'empty' ? null : await client.status()
  const authenticator = await client.authenticator()
  return { state, status, settings, joinRequests, version, problem, joinEnded, joinProgress, authenticator, connecting }
}

/** A round may bring thousands of changes: told of once, since each telling looks through all items. */
const tellPage = coalesced(async () => answers.publish(await snapshot()))
const publish = (): Promise<void> => tellPage().catch(() => undefined)

function itemsChanged(): void {
  version++
  lists.changed()
  void prepareSearch()
}

/** The first letter of a search is not to wait for the texts of all items. After the list, which somebody looks at already. */
async function prepareSearch(): Promise<void> {
  preparing?.abort()
  const own = new AbortController()
  preparing = own
  await platform.pause(searchAfterMs, own.signal)
  await client.prepareSearch({ signal: own.signal })
}

/** After every change made here: the page and the other tabs are to know. */
async function changed(): Promise<void> {
  itemsChanged()
  tabs.postMessage('changed')
  await publish()
}

let telling = false
/** What one tab has fetched is nothing new to the round of another, which would show nothing of it. Once for all that came together. */
function tellTabs(): void {
  if (telling) return
  telling = true
  queueMicrotask(() => {
    telling = false
    tabs.postMessage('changed')
  })
}

async function refreshRequests(): Promise<void> {
  try {
    joinRequests = (await client.joinRequests()).filter(({ state }) => state === 'pending')
  } catch (error) {
    // offline there is nothing to ask; any other reason shows itself in the synchronisation
    if (!isNokkelError(error)) throw error
    if (error.group !== 'offline') joinRequests = []
  }
}

/** What the server tells of sites in general (AUT-7), for what is shown beside passwords. */
async function refreshSiteData(): Promise<void> {
  if (!(await client.refreshSiteData())) return
  itemsChanged()
  await publish()
}

/** Begins what the present state calls for: staying in sync, or waiting to be let in. */
async function settle({ calmly = false } = {}): Promise<void> {
  settings = await client.settings()
  // unlocking, alone, is this tab's own affair
  if (!calmly) tabs.postMessage('changed')
  const state = await client.state()
  if (state === 'trusted') void refreshSiteData()
  if (state === 'trusted') void (calmly ? watchSoon() : watch())
  else if (state === 'signed-in' && (await client.status()).joinRequest !== null) void awaitJoin()
  itemsChanged()
  await publish()
}

/** A first round keeps the processor busy: the list that somebody waits for comes before it. */
async function watchSoon(): Promise<void> {
  watching?.abort()
  const own = new AbortController()
  watching = own
  connecting = true
  await platform.pause(listFirstMs, own.signal)
  if (!own.signal.aborted) await watch()
}

async function watch(): Promise<void> {
  watching?.abort()
  const own = new AbortController()
  watching = own
  problem = null
  try {
    await client.watch(
      (change) => {
        connecting = false
        const stored = change.type === 'item' || change.type === 'settings' || change.type === 'circle'
        if (stored) itemsChanged()
        if (stored || change.type === 'notice') tellTabs()
        if (change.type === 'join-request' || change.type === 'online' || change.type === 'circle') void refreshRequests().then(publish)
        else void publish()
      },
      { signal: own.signal },
    )
  } catch (error) {
    if (own.signal.aborted) return
    watching = null
    connecting = false
    problem = failureOf(error)
    itemsChanged()
    await publish()
  }
}

function showProgress(progress: Progress): void {
  const quiet = joinProgress?.phase === progress.phase && progress.done - joinProgress.done < progress.total / 50
  joinProgress = progress
  if (!quiet) void publish()
}

/** What comes before is over in a moment and may fail: the form must stay, with its reason. */
function showFetching(progress: Progress): void {
  if (progress.phase === 'pulling' || progress.phase === 'opening') showProgress(progress)
}

async function awaitJoin(): Promise<void> {
  joining?.abort()
  const own = new AbortController()
  joining = own
  joinEnded = null
  try {
    await client.waitForJoin({
      signal: own.signal,
      onProgress: showProgress,
    })
  } catch (error) {
    if (own.signal.aborted || isNokkelError(error, 'cancelled')) return
    if ((await client.state()) !== 'trusted') joinEnded = failureOf(error)
  }
  joinProgress = null
  await settle()
}

function stop(): void {
  connecting = false
  watching?.abort()
  joining?.abort()
  preparing?.abort()
  watching = null
  joining = null
}

async function lock(): Promise<void> {
  stop()
  proof.forget()
  client.lock()
  lists.clear()
  joinRequests = []
  problem = null
  joinEnded = null
  joinProgress = null
  await publish()
}

/** What a failed first attempt leaves behind is only in the way of the next one. */
async function startOver(): Promise<void> {
  stop()
  const emptied = async (): Promise<void> => {
    await client.close()
    await deleteIndexedDbStore(storeName)
    await open()
  }
  opened = emptied()
  await opened
}

async function enter(work: () => Promise<unknown>): Promise<void> {
  touchedMs = Date.now()
  try {
    await work()
    proof.unlocked()
  } catch (error) {
    if ((await client.state()) === 'empty') await startOver()
    else await settle()
    throw error
  }
}

async function unlockBy(work: () => Promise<void>): Promise<void> {
  await work()
  proof.unlocked()
  touchedMs = Date.now()
  // a passcode without anything behind it: an attempt that ended before there was an account
  if ((await client.state()) === 'empty') await startOver()
  await settle({ calmly: true })
}

/** Without any other device. What this device waited for is over when it is in. */
async function comeBack(work: () => Promise<unknown>): Promise<void> {
  joining?.abort()
  try {
    await work()
  } finally {
    joinProgress = null
    await settle()
  }
}

const origin = self.location.origin
const asItem = (id: string): ItemId => id as ItemId

async function show(id: string, withSecrets: boolean): Promise<ItemShown> {
  return showItem(await client.item(asItem(id)), withSecrets)
}

// looked at before each call: a click after the machine slept may come before the next look of the clock, and must not put the lock off
const answers = serve(() => opened.then(lockWhenIdle), {
  start: publish,
  async createAccount(details: SignInDetails) {
    await enter(() => client.createAccount({ server: origin, ...details }))
    await settle()
  },
  async signIn(details: SignInDetails & { readonly copy?: 'merge' | 'discard' }) {
    await enter(() => client.signIn({ server: origin, ...details }))
    if ((await client.state()) === 'signed-in') {
      // nobody is left who could approve
      if (await client.isOffEverywhere()) await enter(() => client.resetKeychain({ password: details.password, from: 'device' }))
      else await enter(() => client.requestJoin())
    }
    await settle()
  },
  async signOut() {
    stop()
    await client.signOut()
    await startOver()
    await publish()
  },
  async unlock(passcode: string) {
    await unlockBy(() => client.unlock(passcode))
  },
  unlockWithAuthenticator: (output: Uint8Array) => unlockBy(() => client.unlockWithAuthenticator(new Secret(output))),
  async prove(passcode: string) {
    await client.checkPasscode(passcode)
    proof.given()
  },
  async proveWithAuthenticator(output: Uint8Array) {
    await client.checkAuthenticator(new Secret(output))
    proof.given()
  },
  async addAuthenticator({ credentialId, salt, output }: AuthenticatorAnswer) {
    proof.useFresh()
    await client.addAuthenticator({ credentialId, salt }, new Secret(output))
    await publish()
  },
  async removeAuthenticator() {
    proof.useFresh()
    await client.removeAuthenticator()
    await publish()
  },
  lock,
  async touch() {
    touchedMs = Date.now()
  },
  changePasscode: (old: string, next: string) => client.changePasscode(old, next),
  changeAccountPassword: (old: string, next: string) => client.changeAccountPassword(old, next),
  async changeSettings(changes: Partial<Settings>) {
    if (changes.autoLockMinutes !== undefined || changes.proofMinutes !== undefined) proof.useFresh()
    settings = await client.changeSettings(changes)
    await publish()
  },
  autofill: () => client.autofill(),
  async changeAutofill(changes: AutofillChanges) {
    await client.changeAutofill(changes)
    await changed()
  },
  async requestJoin() {
    await client.requestJoin()
    await settle()
  },
  joinQr: () => client.joinQr(),
  async withdrawJoin() {
    joining?.abort()
    await client.withdrawJoin()
    joinProgress = null
    await publish()
  },
  async approve(requestId: string, code: string) {
    // whoever lets a device in can read everything there
    proof.ensure(settings.proofMinutes)
    await client.approve(requestId as RequestId, code)
    await refreshRequests()
    await changed()
  },
  async approveByQr(requestId: string, text: string) {
    proof.ensure(settings.proofMinutes)
    await client.approveByQr(requestId as RequestId, text)
    await refreshRequests()
    await changed()
  },
  async decline(requestId: string) {
    await client.decline(requestId as RequestId)
    await refreshRequests()
    await publish()
  },
  devices: () => client.devices(),
  async renameDevice(id: string, name: string) {
    await client.renameDevice(id as DeviceId, name)
    await changed()
  },
  async removeDevice(id: string, deleteCopy: boolean) {
    proof.ensure(settings.proofMinutes)
    await client.removeDevice(id as DeviceId, { deleteCopy })
    await changed()
  },
  classPolicy: () => client.classPolicy(),
  async setClassPolicy(policy: Partial<ClassPolicy>, deleteCopy: boolean) {
    proof.useFresh()
    await client.setClassPolicy(policy, { deleteCopy })
    await changed()
  },
  activity: () => client.activity(),
  pushKey: () => client.pushKey(),
  setPush: (subscription: PushSubscription | null) => client.setPushSubscription(subscription),
  async acknowledge(notices: readonly string[]) {
    await client.acknowledge(notices)
    await publish()
  },
  find: (category: Category, text: string) => lists.find(category, text),
  rows: async (list: number, from: number, to: number) => lists.rows(list, from, to),
  counts: () => lists.counts(),
  item: (id: string) => show(id, false),
  async itemForEdit(id: string) {
    proof.ensure(settings.proofMinutes)
    return show(id, true)
  },
  async reveal(id: string, field: string) {
    proof.ensure(settings.proofMinutes)
    const { fields } = await client.item(asItem(id))
    return textOf(fields.find(({ name }) => name === field)?.value ?? null)
  },
  async revealHistory(id: string, index: number) {
    proof.ensure(settings.proofMinutes)
    const { history } = await client.item(asItem(id))
    return textOf(history.find((entry) => entry.index === index)?.value ?? null)
  },
  async verificationCode(id: string) {
    proof.ensure(settings.proofMinutes)
    const { fields } = await client.item(asItem(id))
    const key = textOf(fields.find(({ name }) => name === 'totp')?.value ?? null)
    return { ...(await totpCode(key, Date.now())), periodMs: parseTotp(key).periodSeconds * 1_000 }
  },
  async wifiText(id: string) {
    proof.ensure(settings.proofMinutes)
    const { fields } = await client.item(asItem(id))
    const value = (name: string): string => textOf(fields.find((field) => field.name === name)?.value ?? null)
    return wifiText({ ssid: value('ssid'), password: value('password'), security: value('security'), hidden: value('hidden') === 'true' })
  },
  health: () => lists.health(),
  async mergeItems(ids: readonly string[]) {
    await client.mergeItems(ids.map(asItem))
    await changed()
  },
  async add(kind: ItemKind, draft: Draft) {
    const id = await client.addItem({ kind, fields: readDraft(draft).set })
    await changed()
    return id
  },
  async edit(id: string, draft: Draft) {
    await client.editItem(asItem(id), readDraft(draft))
    await changed()
  },
  async delete(id: string) {
    await client.deleteItem(asItem(id))
    await changed()
  },
  async restore(id: string) {
    await client.restoreItem(asItem(id))
    await changed()
  },
  async purge(id: string) {
    await client.purgeItem(asItem(id))
    await changed()
  },
  async restoreHistory(id: string, index: number) {
    await client.restoreHistory(asItem(id), index)
    await changed()
  },
  generatePassword: async () => generatePassword(systemRandom),
  async importFile(name: string, bytes: Uint8Array, dryRun: boolean, format?: string) {
    const report = await client.importFile({ name, bytes }, { dryRun, ...(format === undefined ? {} : { format }) })
    if (!dryRun) await changed()
    return summariseImport(report)
  },
  async sync() {
    if ((await client.state()) !== 'trusted') return
    try {
      await client.sync()
    } finally {
      void watch()
      await changed()
    }
  },
  async turnOff(copy: 'keep' | 'delete', everywhere: boolean) {
    if (everywhere || copy === 'delete') proof.useFresh()
    await client.turnOff({ copy, everywhere })
    stop()
    await changed()
  },
  async resetKeychain(password: string, from: 'device' | 'nothing') {
    await client.resetKeychain({ password, from })
    stop()
    await settle()
  },
  async eraseDevice() {
    proof.useFresh()
    stop()
    await client.eraseDevice()
    await startOver()
    await publish()
  },
  async help(symptom) {
    // seldom wanted, and more words than everything else
    const { help } = await import('./doctor.ts')
    return help(client, platform, origin, symptom, (known, total) => answers.looking(known, total))
  },
  async mend(action) {
    const { actionsOf } = await import('./doctor.ts')
    await actionsOf(client)[action]?.()
    await settle()
  },
  async deleteAccount() {
    proof.useFresh()
    return client.deleteAccount()
  },
  keepAccount: () => client.keepAccount(),
  backupDevice: async () => writeBackup(await client.status(), await client.settings()),
  async restoreDevice(text: string) {
    const { settings: saved } = readBackup(text)
    proof.useFresh()
    settings = await client.changeSettings(saved)
    await publish()
  },
  async exportServerData() {
    proof.useFresh()
    return JSON.stringify(await client.exportServerData(), null, 2)
  },
  ...recoveryCalls({
    client: () => client,
    proof,
    proofMinutes: () => settings.proofMinutes,
    changed,
    comeBack: (work) => comeBack(() => work({ onProgress: showFetching })),
  }),
})

/** A message of the page, from the worker's beginning (`entry.ts`). */
export const { receive } = answers

/** While there is no store there is nothing to do; why there is none is told to who calls. */
function whenOpened(work: () => Promise<void>): void {
  void opened.then(work, () => undefined)
}

/** C1, LOC-14 */
async function lockWhenIdle(): Promise<void> {
  const idleMs = Date.now() - touchedMs
  // of a time to come: a clock that was set back keeps no keychain open
  if (idleMs >= 0 && idleMs < settings.autoLockMinutes * 60_000) return
  const state = await client.state()
  // a device that waits for approval holds nothing to protect, and its code must stay in sight
  if (state === 'locked' || state === 'empty' || state === 'signed-in') return
  await lock()
}
setInterval(() => whenOpened(lockWhenIdle), lockCheckMs)

/** As whom this device is in: another after it was turned off and joined again, or after a reset. Empty while it is not. */
async function member(): Promise<string> {
  if ((await client.state()) !== 'trusted') return ''
  const { accountId, deviceId } = await client.status()
  return `${accountId} ${deviceId}`
}

/**
 * Another tab has written to the store that this one shares: shown as it is now, whatever it has become. The store has all that there is to know, so a
 * connection of the same member stays. What that tab could not send it sends itself; should it be closed before, this one does in its next round.
 */
async function changedElsewhere(): Promise<void> {
  const before = await member()
  await client.refresh()
  settings = await client.settings()
  const now = await member()
  if (now === '') {
    if (before !== '') stop()
  } else if (watching === null || now !== before) void watch()
  itemsChanged()
  await publish()
  if (joinRequests.length === 0) return
  // new ones come over the connection; that one was answered in the other tab does not, and is not in the store
  await refreshRequests()
  await publish()
}
tabs.addEventListener('message', () => whenOpened(changedElsewhere))
