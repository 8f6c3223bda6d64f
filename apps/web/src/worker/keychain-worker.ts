/**
 * The worker that owns the keychain: client, keys, crypto, search and connection. The page sees only what `protocol.ts` lets through.
 * After a lock the page ends this worker and starts another, so that nothing of the unlocked memory is left.
 */
import { isNokkelError, type DeviceId, type ItemId, type RequestId } from '@nokkel/base'
import { openClient, type Client, type JoinRequestInfo, type Progress, type Settings } from '@nokkel/client'
import { generatePassword, parseTotp, totpCode, type ItemKind } from '@nokkel/keychain'
import { deleteIndexedDbStore, openIndexedDbStore } from '@nokkel/store/indexeddb'
import { systemRandom } from '@nokkel/base'
import { ItemLists } from './item-lists.ts'
import { webPlatform } from './platform.ts'
import type { Category, Draft, Failure, ItemShown, SignInDetails, Snapshot } from './protocol.ts'
import { serve } from './serve.ts'
import { readDraft, showItem, textOf } from './show-item.ts'

const storeName = 'nokkelring'
const lockCheckMs = 2_000
/** other tabs of this browser share the store, each with a worker of its own */
const tabs = new BroadcastChannel('nokkelring')
const platform = webPlatform()

let client: Client
let lists: ItemLists
let version = 0
let joinRequests: readonly JoinRequestInfo[] = []
let problem: Failure | null = null
let joinEnded: Failure | null = null
let joinProgress: Progress | null = null
let watching: AbortController | null = null
let joining: AbortController | null = null
let touchedMs = Date.now()
let settings: Settings = { autoLockMinutes: 5, language: 'system' }

const failureOf = (error: unknown): Failure =>
  isNokkelError(error) ? { code: error.code, params: error.params } : { code: 'internal', params: {} }

async function open(): Promise<void> {
  client = openClient(await openIndexedDbStore(storeName), platform)
  lists = new ItemLists(client)
}
/** Calls that come while the store is being opened wait for it. */
const opened = open()

async function snapshot(): Promise<Snapshot> {
  const state = await client.state()
  const status = state === 'locked' || state === 'empty' ? null : await client.status()
  return { state, status, settings, joinRequests, version, problem, joinEnded, joinProgress }
}

let publishing: Promise<void> = Promise.resolve()
function publish(): Promise<void> {
  publishing = publishing.then(async () => answers.publish(await snapshot())).catch(() => undefined)
  return publishing
}

function itemsChanged(): void {
  version++
  lists.changed()
}

/** After every change made here: the page and the other tabs are to know. */
async function changed(): Promise<void> {
  itemsChanged()
  tabs.postMessage('changed')
  await publish()
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

/** Begins what the present state calls for: staying in sync, or waiting to be let in. */
async function settle(): Promise<void> {
  settings = await client.settings()
  const state = await client.state()
  if (state === 'trusted') void watch()
  else if (state === 'signed-in' && (await client.status()).joinRequest !== null) void awaitJoin()
  itemsChanged()
  await publish()
}

async function watch(): Promise<void> {
  watching?.abort()
  const own = new AbortController()
  watching = own
  problem = null
  try {
    await client.watch(
      (change) => {
        if (change.type === 'item' || change.type === 'circle') itemsChanged()
        if (change.type === 'join-request' || change.type === 'online' || change.type === 'circle') void refreshRequests().then(publish)
        else void publish()
      },
      { signal: own.signal },
    )
  } catch (error) {
    if (own.signal.aborted) return
    problem = failureOf(error)
    itemsChanged()
    await publish()
  }
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
        const quiet = joinProgress?.phase === progress.phase && progress.done - joinProgress.done < progress.total / 50
        joinProgress = progress
        if (!quiet) void publish()
      },
    })
  } catch (error) {
    if (own.signal.aborted || isNokkelError(error, 'cancelled')) return
    if ((await client.state()) !== 'trusted') joinEnded = failureOf(error)
  }
  joinProgress = null
  await settle()
}

function stop(): void {
  watching?.abort()
  joining?.abort()
  watching = null
  joining = null
}

async function lock(): Promise<void> {
  stop()
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
  await client.close()
  await deleteIndexedDbStore(storeName)
  await open()
}

async function enter(work: () => Promise<unknown>): Promise<void> {
  touchedMs = Date.now()
  try {
    await work()
  } catch (error) {
    if ((await client.state()) === 'empty') await startOver()
    else await settle()
    throw error
  }
}

const origin = self.location.origin
const asItem = (id: string): ItemId => id as ItemId

async function show(id: string, withSecrets: boolean): Promise<ItemShown> {
  return showItem(await client.item(asItem(id)), withSecrets)
}

const answers = serve(opened, {
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
    await client.unlock(passcode)
    touchedMs = Date.now()
    // a passcode without anything behind it: an attempt that ended before there was an account
    if ((await client.state()) === 'empty') await startOver()
    await settle()
  },
  lock,
  async touch() {
    touchedMs = Date.now()
  },
  changePasscode: (old: string, next: string) => client.changePasscode(old, next),
  async changeSettings(changes: Partial<Settings>) {
    settings = await client.changeSettings(changes)
    await publish()
  },
  async requestJoin() {
    await client.requestJoin()
    await settle()
  },
  async withdrawJoin() {
    joining?.abort()
    await client.withdrawJoin()
    joinProgress = null
    await publish()
  },
  async approve(requestId: string, code: string) {
    await client.approve(requestId as RequestId, code)
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
    await client.removeDevice(id as DeviceId, { deleteCopy })
    await changed()
  },
  activity: () => client.activity(),
  async acknowledge(notices: readonly string[]) {
    await client.acknowledge(notices)
    await publish()
  },
  find: (category: Category, text: string) => lists.find(category, text),
  rows: async (list: number, from: number, to: number) => lists.rows(list, from, to),
  counts: () => lists.counts(),
  item: (id: string) => show(id, false),
  itemForEdit: (id: string) => show(id, true),
  async reveal(id: string, field: string) {
    const { fields } = await client.item(asItem(id))
    return textOf(fields.find(({ name }) => name === field)?.value ?? null)
  },
  async revealHistory(id: string, index: number) {
    const { history } = await client.item(asItem(id))
    return textOf(history.find((entry) => entry.index === index)?.value ?? null)
  },
  async verificationCode(id: string) {
    const { fields } = await client.item(asItem(id))
    const key = textOf(fields.find(({ name }) => name === 'totp')?.value ?? null)
    return { ...(await totpCode(key, Date.now())), periodMs: parseTotp(key).periodSeconds * 1_000 }
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
  async importFile(name: string, bytes: Uint8Array, dryRun: boolean) {
    const report = await client.importFile({ name, bytes }, { dryRun })
    if (!dryRun) await changed()
    return report
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
    stop()
    await client.eraseDevice()
    await startOver()
    await publish()
  },
  deleteAccount: () => client.deleteAccount(),
  keepAccount: () => client.keepAccount(),
  exportServerData: async () => JSON.stringify(await client.exportServerData(), null, 2),
})

async function lockWhenIdle(): Promise<void> {
  if (client === undefined) return
  const state = await client.state()
  // a device that waits for approval holds nothing to protect, and its code must stay in sight
  if (state === 'locked' || state === 'empty' || state === 'signed-in') return
  if (Date.now() - touchedMs >= settings.autoLockMinutes * 60_000) await lock()
}
setInterval(() => void lockWhenIdle(), lockCheckMs)

async function changedElsewhere(): Promise<void> {
  if (client !== undefined && (await client.state()) === 'trusted') void watch()
}
tabs.addEventListener('message', () => void changedElsewhere())
