/**
 * Tells the pages of the extension that are open how things stand, all of them the same and at every change. Knows what was told last, so that a popup
 * that opens is answered without a question to anybody. What there is to tell is asked of whoever holds the device.
 */
import { coalesced } from '@nokkel/base'
import type { Snapshot, SnapshotMessage, Standing } from '../protocol.ts'

type Page = { postMessage(message: SnapshotMessage): void }

export interface Told {
  /** all that is cheap to say anew; `version` and `standing` are kept here */
  readonly now: () => Promise<Omit<Snapshot, 'version' | 'standing'>>
  readonly standing: () => Promise<Standing | null>
}

export class Telling {
  readonly #told: Told
  readonly #pages = new Set<Page>()
  #version = 0
  #published = 0
  /** as last published: whatever changes it publishes, and asking anew would keep a popup waiting that opens */
  #standing: Standing | null = null

  constructor(told: Told) {
    this.#told = told
  }

  /** A round may bring thousands of changes: told of once, since each telling looks through all items. */
  readonly publish = coalesced(async () => {
    this.#published++
    this.#standing = await this.#told.standing()
    const message: SnapshotMessage = { type: 'snapshot', snapshot: await this.#snapshot() }
    for (const page of this.#pages) page.postMessage(message)
  })

  itemsChanged(): void {
    this.#version++
  }

  /** `opening`: what the page would ask for next, and gets with the first message. */
  async greet(page: Page, opening: () => Promise<NonNullable<SnapshotMessage['opening']>>): Promise<void> {
    const before = this.#published
    const [snapshot, first] = await Promise.all([this.#snapshot(), opening()])
    page.postMessage({ type: 'snapshot', snapshot, opening: first })
    this.#pages.add(page)
    if (this.#published !== before) page.postMessage({ type: 'snapshot', snapshot: await this.#snapshot() })
  }

  leave(page: Page): void {
    this.#pages.delete(page)
  }

  async #snapshot(): Promise<Snapshot> {
    const now = await this.#told.now()
    return { ...now, standing: this.#standing, version: this.#version }
  }
}
