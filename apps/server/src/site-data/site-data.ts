/**
 * What is known of sites in general, for this server's clients (AUT-7): fetched on a slow schedule, sifted by the clients' own reading, kept
 * in the database, so that several servers have one and a restart asks nobody. A file that cannot be had, or has lost most of what it held,
 * leaves the one before in its place. Knows nothing of people, and nobody's request makes it fetch anything.
 */
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import {
  cleanFeedFile,
  feedCeilings,
  feedFileNames,
  parseSiteData,
  siteDataFiles,
  siteDataText,
  type CleanFile,
  type FeedFile,
} from '@nokkel/autofill/site-data'
import { isNokkelError, type Clock } from '@nokkel/base'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Store } from '../store/store.ts'
import type { FetchFile } from './fetch-files.ts'
import { noState, parseState, type FileState, type SiteDataState } from './site-data-state.ts'

export interface SiteDataDocument {
  readonly etag: string
  readonly plain: Uint8Array<ArrayBuffer>
  readonly gzip: Uint8Array<ArrayBuffer>
}

export interface SiteData {
  /** null: a feed is named and nothing of it was ever there. */
  current(): SiteDataDocument | null
  /** One look: takes what another server has stored, and fetches where it is time. Never throws. */
  look(): Promise<void>
  stop(): void
}

const documentRow = 'site-data'
const stateRow = 'site-data-state'
/** how soon another server's newer document is found */
const lookEveryMs = 5 * 60_000
const againMs = 30 * 60_000
/** A file with this many entries does not lose more than half of them at once; see the guide for when it truly has. */
const plausibleFrom = 10

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text))

function documentOf(text: string): SiteDataDocument {
  const plain = bytesOf(text)
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 24)}"`
  return { etag, plain, gzip: new Uint8Array(gzipSync(plain)) }
}

/** Without a feed: said, so that a client forgets what one had told it before. */
export const noSiteData: SiteData = {
  current: () => empty,
  look: () => Promise.resolve(),
  stop: () => undefined,
}
const empty = documentOf(siteDataText({}))

export interface SiteDataParts {
  /** where the files are; what was fetched elsewhere is of no use here */
  readonly url: string
  readonly everyMs: number
  readonly fetchFile: FetchFile
  readonly store: Pick<Store, 'findMeta' | 'setMeta'>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Pick<Metrics, 'siteDataFile' | 'siteDataChecked'>
}

interface Taken extends FileState {
  readonly value: unknown
}

export function startSiteData(parts: SiteDataParts): SiteData {
  const { url, everyMs, fetchFile, store, clock, log, metrics } = parts
  let held: { readonly document: SiteDataDocument; readonly files: ReturnType<typeof siteDataFiles> } | null = null
  let running: Promise<void> | null = null
  let complaint = ''

  const hold = (text: string): void => {
    held = { document: documentOf(text), files: siteDataFiles(text) }
  }

  /** What lies in the database is read as strictly as what comes over the network. */
  async function adopt({ version }: SiteDataState): Promise<void> {
    if (version === '' || held?.document.etag === version) return
    const text = await store.findMeta(documentRow)
    if (text === undefined) return
    parseSiteData(text)
    hold(text)
  }

  async function refresh(state: SiteDataState): Promise<void> {
    // before asking: other servers of the deployment leave it to this one
    await store.setMeta(stateRow, JSON.stringify({ ...state, triedMs: clock.nowMs() }))
    const files = new Map<FeedFile, Taken>()
    const faults: string[] = []
    for (const file of feedFileNames) {
      const before = formerOf(state, file)
      const { outcome, taken } = await takeFile(file, before)
      if (taken !== undefined) files.set(file, taken)
      // a copy of the feed may have fewer files
      const isFine = outcome === 'taken' || outcome === 'unchanged' || (outcome === 'missing' && before === undefined)
      if (!isFine) faults.push(`${file}: ${outcome}`)
      metrics.siteDataFile(file, outcome, taken?.entries ?? 0)
    }
    if (files.size === 0 && faults.length === 0) faults.push('no file is there')
    complain(faults)
    const text = siteDataText(Object.fromEntries([...files].map(([file, { value }]) => [file, value])))
    const fits = files.size > 0 && text.length <= feedCeilings.documentBytes
    const isWhole = faults.length === 0
    if (fits && documentOf(text).etag !== held?.document.etag) {
      await store.setMeta(documentRow, text)
      hold(text)
      log.info({ files: Object.fromEntries([...files].map(([file, { entries }]) => [file, entries])) }, 'the site data is new')
    }
    const nowMs = clock.nowMs()
    if (isWhole) metrics.siteDataChecked(nowMs)
    const next: SiteDataState = {
      url,
      version: held?.document.etag ?? '',
      triedMs: nowMs,
      checkedMs: isWhole ? nowMs : state.checkedMs,
      files: Object.fromEntries([...files].map(([file, { etag, entries }]) => [file, { etag, entries }])),
    }
    await store.setMeta(stateRow, JSON.stringify(next))
  }

  function formerOf(state: SiteDataState, file: FeedFile): Taken | undefined {
    const [known, value] = [state.files[file], held?.files[file]]
    return known === undefined || value === undefined ? undefined : { ...known, value }
  }

  async function takeFile(file: FeedFile, before: Taken | undefined): Promise<{ outcome: string; taken: Taken | undefined }> {
    const answer = await fetchFile(file, before?.etag ?? null)
    if (answer.type === 'failed') return { outcome: answer.reason, taken: before }
    if (answer.type === 'unchanged') return { outcome: 'unchanged', taken: before }
    let clean: CleanFile
    try {
      clean = cleanFeedFile(file, answer.text)
    } catch (error) {
      return { outcome: isNokkelError(error) ? error.code : 'malformed', taken: before }
    }
    if (clean.dropped > 0) log.info({ file, dropped: clean.dropped, kept: clean.kept }, 'entries of the site data were left out')
    // what is mostly gone, or mostly not understood, is more likely an error at the source than the truth
    const wasMany = before !== undefined && before.entries >= plausibleFrom
    if ((wasMany && clean.kept * 2 < before.entries) || clean.dropped > clean.kept) return { outcome: 'implausible', taken: before }
    return { outcome: 'taken', taken: { etag: answer.etag, entries: clean.kept, value: clean.value } }
  }

  function complain(faults: readonly string[]): void {
    const said = faults.join(', ')
    if (said !== '' && said !== complaint) log.warn({ faults }, 'site data was not taken; what was there before goes on')
    complaint = said
  }

  async function lookOnce(): Promise<void> {
    const found = parseState(await store.findMeta(stateRow))
    const state = found.url === url ? found : { ...noState, url }
    await adopt(state).catch((error: unknown) => log.warn({ err: error }, 'the stored site data cannot be read'))
    metrics.siteDataChecked(state.checkedMs)
    const nowMs = clock.nowMs()
    // a time that lies ahead is of a clock that was wrong
    const isPast = (ms: number, forMs: number): boolean => ms > nowMs || nowMs - ms >= forMs
    if (isPast(state.checkedMs, everyMs) && isPast(state.triedMs, Math.min(againMs, everyMs))) await refresh(state)
  }

  const look = (): Promise<void> => {
    running ??= lookOnce()
      .catch((error: unknown) => log.warn({ err: error }, 'site data'))
      .finally(() => (running = null))
    return running
  }
  void look()
  const timer = setInterval(() => void look(), lookEveryMs)
  timer.unref()
  return {
    current: () => held?.document ?? null,
    look,
    stop: () => clearInterval(timer),
  }
}
