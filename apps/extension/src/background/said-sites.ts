/**
 * What the person's server tells of sites in general (AUT-7), read by our own engine: nothing in it is believed to be true, and what it may and may
 * not do is decided where it is used. Read when it is first needed, since the browser starts this background again and again.
 */
import { parseSiteData, type SiteFeed } from '@nokkel/autofill'
import type { Client } from '@nokkel/client'

export class SaidSites {
  readonly #client: () => Pick<Client, 'siteData' | 'refreshSiteData'>
  #feed: Promise<SiteFeed | undefined> | null = null

  constructor(client: () => Pick<Client, 'siteData' | 'refreshSiteData'>) {
    this.#client = client
  }

  /** undefined: nothing was told, or nothing that can be read. */
  feed(): Promise<SiteFeed | undefined> {
    this.#feed ??= this.#read()
    return this.#feed
  }

  forget(): void {
    this.#feed = null
  }

  /** Asks the server where it is time to. */
  async refresh(): Promise<void> {
    if (await this.#client().refreshSiteData()) this.forget()
  }

  async #read(): Promise<SiteFeed | undefined> {
    try {
      const text = await this.#client().siteData()
      return text === null ? undefined : parseSiteData(text)
    } catch {
      return undefined
    }
  }
}
