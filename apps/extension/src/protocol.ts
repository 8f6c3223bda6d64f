/**
 * What the extension's own pages and its background say to each other. Plain values only: keys never cross, and a secret crosses only as
 * the answer to the one call that asks for it. Web pages have no part in this (A34).
 */
import type { ErrorCode, ErrorParams } from '@nokkel/base'
import type {
  AutofillChanges,
  AutofillSettings,
  CodeShown,
  DeviceState,
  ItemShown,
  ItemSummary,
  JoinRequestInfo,
  Progress,
  Settings,
  Status,
} from '@nokkel/client'
import type { Draft, ItemKind } from '@nokkel/keychain'
import type { FillOutcome } from './background/fill.ts'
import type { SiteFinding } from './background/observe.ts'
import type { Change, Why } from './background/why-not.ts'

export type {
  AutofillChanges,
  AutofillSettings,
  Change,
  CodeShown,
  Draft,
  FillOutcome,
  ItemKind,
  ItemShown,
  ItemSummary,
  JoinRequestInfo,
  Settings,
  SiteFinding,
  Why,
}

export interface Failure {
  readonly code: ErrorCode
  readonly params: ErrorParams
}

/** Of a device that has, or had, a keychain. */
export interface Standing {
  /** as it signed in, for doing so again */
  readonly server: string
  readonly email: string
  readonly deviceName: string
  readonly removal: Status['removal']
  /** how many there are to look at; none once the copy was deleted */
  readonly items: number
  /** what ended the synchronisation, until somebody acts */
  readonly problem: Failure | null
  /** the server is there and does not synchronise for now (A2, A3) */
  readonly paused: Status['paused']
  /** no connection (A6) */
  readonly away: { readonly sinceMs: number | null } | null
  readonly pendingChanges: number
}

export interface Snapshot {
  readonly state: DeviceState
  /** null while there is nothing to say it of */
  readonly standing: Standing | null
  /** of a device that waits to be approved */
  readonly joinCode: string | null
  readonly settings: Settings
  readonly autofill: AutofillSettings
  readonly joinRequests: readonly JoinRequestInfo[]
  /** grows with every change of the items */
  readonly version: number
  readonly joinProgress: Progress | null
  readonly joinEnded: Failure | null
}

export interface EnterDetails {
  readonly server: string
  readonly email: string
  readonly password: string
  readonly passcode: string
  readonly deviceName: string
  /** of a device whose keychain was reset: what becomes of its copy (D4) */
  readonly copy?: 'merge' | 'discard'
}

export interface Found {
  /** of the site of the tab */
  readonly matches: readonly ItemSummary[]
  /** the others, cut to what is shown */
  readonly others: readonly ItemSummary[]
  readonly total: number
}

/** What the fields of a tab add to what its address says. */
export interface PageFindings {
  /** of the sites of its frames */
  readonly inFrames: readonly ItemSummary[]
  /** there is a card to be filled in; `detail`: last digits and expiry */
  readonly cards: readonly { readonly item: ItemSummary; readonly detail: string }[]
  /** what the doctor finds to stand in the way, first the one to begin with */
  readonly causes: readonly SiteFinding[]
  readonly why: readonly Why[]
  /** a strong password was filled in this tab and is not saved yet */
  readonly suggested: boolean
}

/** The calls of the background. Those that show secrets, let a device in or change security throw `proof-needed` (C1). */
export interface Calls {
  createAccount(details: EnterDetails): Promise<void>
  signIn(details: EnterDetails): Promise<void>
  signOut(): Promise<void>
  requestJoin(): Promise<void>
  withdrawJoin(): Promise<void>
  /** What the QR code of the request says: its secret is for a camera that is held before this very screen (JOIN-11). */
  joinQr(): Promise<string>
  unlock(passcode: string): Promise<void>
  /** The person types the passcode again, for what threw `proof-needed`. */
  prove(passcode: string): Promise<void>
  lock(): Promise<void>
  /** The person did something here: the automatic lock waits (LOC-14). No other call says that, because the popup asks for some by itself. */
  touch(): Promise<void>
  /** Now, because somebody asks for it. Throws why it does not go. */
  sync(): Promise<void>
  /** `pageUrl`: the address of the tab that the popup stands over; empty when unknown. */
  find(text: string, pageUrl: string): Promise<Found>
  findings(tabId: number): Promise<PageFindings>
  /** Into a frame of this tab, if the item belongs to its site; `confirmed`: the other origin that the person said yes to. */
  fill(id: string, tabId: number, confirmed: string): Promise<FillOutcome>
  /** The strong password that was filled in this tab; empty: none. */
  suggestion(tabId: number): Promise<string>
  change(change: Change, site: string): Promise<void>
  changeAutofill(changes: AutofillChanges): Promise<void>
  reveal(id: string, field: string): Promise<string>
  verificationCode(id: string): Promise<CodeShown>
  /** One item, and no secret of it. */
  item(id: string): Promise<ItemShown>
  /** With its secrets, for the form that edits it. */
  itemForEdit(id: string): Promise<ItemShown>
  /** The popup has copied what has this digest: to be gone from the clipboard in a minute (C2). */
  copied(digest: string): Promise<void>
  /** Returns its id. */
  add(kind: ItemKind, draft: Draft): Promise<string>
  edit(id: string, draft: Draft): Promise<void>
  /** To the items that were deleted, for 30 days. */
  delete(id: string): Promise<void>
  generate(): Promise<string>
  approve(requestId: string, code: string): Promise<void>
  decline(requestId: string): Promise<void>
  changeSettings(changes: Partial<Settings>): Promise<void>
}

export type CallName = keyof Calls

export interface CallMessage {
  readonly type: 'call'
  readonly name: CallName
  readonly args: readonly unknown[]
}
export type CallAnswer = { readonly type: 'result'; readonly value: unknown } | { readonly type: 'failure'; readonly failure: Failure }
/** The tab that the popup stands over; id -1: none. */
export interface TabSeen {
  readonly id: number
  readonly url: string
}
export interface SnapshotMessage {
  readonly type: 'snapshot'
  readonly snapshot: Snapshot
  /** with the first message: what the popup would ask for next. `found`: null while there is no keychain to look in. */
  readonly opening?: { readonly tab: TabSeen; readonly found: Found | null }
}
