/**
 * The device that this browser is (A5), from the start of the background to its end: the client over its store, the settings as they were last read,
 * and the ways in, out and over the lock. Opens nothing to pages: who may ask for what is decided by the doors (`popup-door.ts`, `content-door.ts`).
 */
import { NokkelError } from '@nokkel/base'
import {
  defaultAutofill,
  openClient,
  type AutofillChanges,
  type AutofillSettings,
  type Client,
  type DeviceState,
  type Settings,
} from '@nokkel/client'
import { browserPlatform } from '@nokkel/client/browser'
import { deleteIndexedDbStore, openIndexedDbStore } from '@nokkel/store/indexeddb'
import type { Snapshot } from '../protocol.ts'
import { showBadge } from './badge.ts'
import { clientVersion } from './client-version.ts'
import type { Device } from './deciding.ts'
import { Live } from './live.ts'
import { Matches } from './matches.ts'
import { forgetOffers } from './offers.ts'
import { forgetPerson, personUnlocked } from './person.ts'
import { SaidSites } from './said-sites.ts'
import { considerAll, forgetAllSaving, loadSaving } from './saving.ts'
import { forgetKey, idleMs, keepKey, keptKey, touch } from './session-key.ts'
import { standingOf } from './standing.ts'
import { Telling } from './telling.ts'

const storeName = 'nokkelring'
const platform = browserPlatform('extension', clientVersion)

/** Everything of before that is of an open keychain, or of one that is another now. */
async function forgetOpen(): Promise<void> {
  await Promise.all([forgetKey(), forgetPerson(), forgetAllSaving()])
}

export class HeldDevice implements Device {
  /** Before it nothing may be asked of the device. */
  readonly opened: Promise<void>
  readonly live: Live
  readonly telling: Telling
  readonly saidSites = new SaidSites(() => this.client())
  #client: Client | null = null
  #matches: Matches | null = null
  #settings: Settings = { autoLockMinutes: 5, language: 'system', proofMinutes: 5 }
  #autofill: AutofillSettings = defaultAutofill
  #autofillReads = 0

  constructor() {
    this.telling = new Telling({ now: () => this.#now(), standing: () => this.#standing() })
    this.live = new Live({
      client: () => this.client(),
      publish: () => this.publish(),
      itemsChanged: () => this.#noteItems(),
      autofillChanged: () => this.#autofillChanged(),
      settle: () => this.settle(),
    })
    this.opened = this.#open()
  }

  client(): Client {
    if (this.#client === null) throw new NokkelError('internal')
    return this.#client
  }
  matches(): Matches {
    if (this.#matches === null) throw new NokkelError('internal')
    return this.#matches
  }
  said(): ReturnType<SaidSites['feed']> {
    return this.saidSites.feed()
  }
  settings(): Settings {
    return this.#settings
  }
  language(): Settings['language'] {
    return this.#settings.language
  }
  autofill(): AutofillSettings {
    return this.#autofill
  }
  publish(): Promise<void> {
    return this.telling.publish()
  }

  /** For everything that is about to be shown or done. */
  async state(): Promise<DeviceState> {
    await this.lockIfDue()
    return this.client().state()
  }

  async changeAutofill(changes: AutofillChanges): Promise<void> {
    await this.client().changeAutofill(changes)
    await this.#autofillChanged()
  }

  async changeSettings(changes: Partial<Settings>): Promise<void> {
    this.#settings = await this.client().changeSettings(changes)
    await this.publish()
  }

  async itemsChanged(): Promise<void> {
    this.#noteItems()
    await this.publish()
  }

  /** The person did something, which comes too late once the time is over. */
  async touch(): Promise<void> {
    await this.lockIfDue()
    await touch()
  }

  /** Into a keychain, by an account made or signed in to. */
  async enter(work: (client: Client) => Promise<unknown>): Promise<void> {
    try {
      await work(this.client())
    } catch (error) {
      // what a failed first attempt leaves behind is only in the way of the next one
      if ((await this.client().state()) === 'empty') await this.startOver()
      throw error
    }
    await this.#keepOpen()
  }

  async unlock(passcode: string): Promise<void> {
    await this.client().unlock(passcode)
    if ((await this.client().state()) === 'empty') return this.startOver()
    await this.#keepOpen()
    await this.settle()
  }

  async lock(): Promise<void> {
    this.live.stop()
    const forgotten = forgetOpen()
    this.client().lock()
    forgetOffers()
    this.matches().forget()
    this.saidSites.forget()
    await forgotten
    this.live.forgetRequests()
    await this.itemsChanged()
  }

  /**
   * The automatic lock (C1, LOC-14), looked at before anything is shown, done or told that somebody is there, not by the alarm alone: that comes half a
   * minute late, and after the machine slept the first click may come before it. A device that is removed, off or reset keeps a copy, and locks
   * all the same; one that waits to be approved holds nothing. True: it has locked.
   */
  async lockIfDue(): Promise<boolean> {
    const state = await this.client().state()
    if (state === 'locked' || state === 'empty' || state === 'signed-in') return false
    if ((await idleMs()) < this.#settings.autoLockMinutes * 60_000) return false
    await this.lock()
    return true
  }

  /** As if the extension had just been installed. */
  async startOver(): Promise<void> {
    this.live.stop()
    await forgetOpen()
    await this.client().close()
    await deleteIndexedDbStore(storeName)
    this.live.forgetProblem()
    this.live.forgetRequests()
    await this.#open()
    await this.publish()
  }

  /** The device has become another, or is open now: what is known of it is read anew, and what it has to do begins. */
  async settle(): Promise<void> {
    this.#settings = await this.client().settings()
    await this.#readAutofill()
    this.live.forgetProblem()
    this.saidSites.forget()
    const state = await this.client().state()
    if (state === 'trusted') void this.saidSites.refresh()
    await this.live.begin(state)
    await this.itemsChanged()
    void considerAll(this)
  }

  async #open(): Promise<void> {
    const client = openClient(await openIndexedDbStore(storeName), platform)
    this.#client = client
    this.#matches = new Matches(client, () => this.saidSites.feed())
    await loadSaving()
    const key = await keptKey()
    if (key === null || (await client.state()) !== 'locked') return
    // a key of an older store opens nothing, and the passcode is asked for
    await client.unlockWithKey(key).then(() => this.#goOn(), forgetKey)
  }

  /** In another life of the background, which may begin long after the last one: the machine slept. */
  async #goOn(): Promise<void> {
    this.#settings = await this.client().settings()
    if (!(await this.lockIfDue())) await this.settle()
  }

  async #keepOpen(): Promise<void> {
    await keepKey(this.client().unlockKey())
    await personUnlocked()
  }

  #noteItems(): void {
    this.telling.itemsChanged()
    this.matches().changed()
    void showBadge(this)
  }

  /** Several reads may be under way: the one that began last knows most. */
  async #readAutofill(): Promise<void> {
    const turn = ++this.#autofillReads
    const found = await this.client().autofill()
    if (turn === this.#autofillReads) this.#autofill = found
  }

  /** Decided here or on another device: it holds for the next field, and in what the popup shows. */
  async #autofillChanged(): Promise<void> {
    await this.#readAutofill()
    await this.publish()
  }

  async #standing(): ReturnType<typeof standingOf> {
    return standingOf(this.client(), await this.client().state(), this.live.problem, this.live.connecting)
  }

  async #now(): Promise<Omit<Snapshot, 'version' | 'standing'>> {
    const client = this.client()
    const state = await client.state()
    const joinCode = state === 'signed-in' ? ((await client.status()).joinRequest?.code ?? null) : null
    const { joinRequests, joinProgress, joinEnded } = this.live
    return { state, joinCode, settings: this.#settings, autofill: this.#autofill, joinRequests, joinProgress, joinEnded }
  }
}
