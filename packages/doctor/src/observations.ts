/**
 * The narrow port through which the doctor sees the world: named observations, each with one typed answer. `null` means that there is
 * nothing to observe here (no keychain yet, not this surface); an observation that throws could not be made, and whatever rests on it
 * is said to be unknown. An app makes one set for each examination, so that nothing is asked twice.
 */
import type {
  CodeObservation,
  DeviceObservation,
  KeychainObservation,
  RequestObservation,
  ServerObservation,
  SessionObservation,
  VerificationObservation,
  Observer,
} from '@nokkel/client'

/** The file in which the keychain lies (command line; a browser's own store says less). */
export interface StoreObservation {
  readonly condition: 'none' | 'ok' | 'damaged' | 'too-new' | 'full' | 'in-use' | 'unreadable'
  /** null where the platform does not say */
  readonly freeBytes: number | null
}

export type ServerInfo = Extract<ServerObservation, { readonly reached: true }>
export type AccountObservation = NonNullable<Awaited<ReturnType<Observer['account']>>>

/** What the operator's status page says (A1). */
export interface StatusObservation {
  readonly services: readonly { readonly name: string; readonly state: 'available' | 'issue' | 'outage' | 'maintenance' }[]
  /** newest first, in the operator's words */
  readonly events: readonly { readonly title: string; readonly startedMs: number; readonly level: 'issue' | 'outage' | 'maintenance' }[]
}

/** What the browser extension knows of its switches and of the page that the person looks at (E9). From the browser, never from the page alone. */
export interface BrowserObservation {
  readonly switches: { readonly passwords: boolean; readonly cards: boolean; readonly saving: boolean }
  /** switches that an administrator has set and the person cannot change */
  readonly managed: readonly ('passwords' | 'cards' | 'saving')[]
  /** who else fills and saves in this browser; null: nobody that we know of */
  readonly otherManager: string | null
  readonly page: PageObservation | null
}

export interface PageObservation {
  readonly host: string
  readonly scheme: 'https' | 'http' | 'other'
  readonly privateWindow: boolean
  readonly locked: boolean
  /** "never for this site" */
  readonly neverListed: boolean
  /** the site asks for passwords not to be saved, and the person has not allowed it (E4) */
  readonly asksNot: boolean
  /** host of the frame that holds the fields, where it is not the page's own */
  readonly foreignFrame: string | null
  /** what the fields are for; `none`: there are none that are visible */
  readonly purpose: 'password' | 'card' | 'none'
  /** items that fit this page */
  readonly matches: number
  /** items that fit but for the missing encryption of the page */
  readonly heldBack: number
}

export interface Seen {
  readonly store: StoreObservation | null
  readonly device: DeviceObservation
  readonly keychain: KeychainObservation | null
  readonly network: ServerObservation | null
  readonly info: ServerInfo | null
  readonly session: SessionObservation | null
  readonly live: boolean | null
  readonly ownRequest: RequestObservation | null
  readonly requests: readonly RequestObservation[] | null
  readonly account: AccountObservation | null
  readonly verification: VerificationObservation | null
  readonly codes: readonly CodeObservation[] | null
  readonly region: string | null
  readonly witnesses: readonly number[]
  readonly status: StatusObservation | null
  readonly browser: BrowserObservation | null
}
export type ObservationName = keyof Seen

/** In the order in which they are named to people. */
export const observationNames = [
  'store',
  'device',
  'keychain',
  'network',
  'info',
  'status',
  'session',
  'live',
  'ownRequest',
  'requests',
  'account',
  'verification',
  'codes',
  'region',
  'witnesses',
  'browser',
] as const satisfies readonly ObservationName[]

export type Observations = { readonly [Name in ObservationName]: () => Promise<Seen[Name]> }
/** `signal` ends the waiting: an observation then answers with what it has, or throws. */
export type Observe = (signal: AbortSignal) => Observations
