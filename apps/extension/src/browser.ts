/**
 * The WebExtension interface under one name, and just as much of it as is used here: Firefox calls it `browser`, Chromium `chrome`; both
 * give promises in Manifest V3.
 */
export interface Sender {
  readonly id?: string
  readonly url?: string
  /** `null` for a sandboxed frame, whatever its address */
  readonly origin?: string
  readonly frameId?: number
  /** names one document of a frame; not in every browser */
  readonly documentId?: string
  readonly tab?: Tab
}
export interface Port {
  readonly name: string
  readonly sender?: Sender
  postMessage(message: unknown): void
  disconnect(): void
  readonly onMessage: { addListener(listener: (message: unknown) => void): void }
  readonly onDisconnect: { addListener(listener: () => void): void }
}
export interface Tab {
  readonly id?: number
  readonly url?: string
  readonly active?: boolean
  readonly incognito?: boolean
}
export interface MenuClick {
  readonly menuItemId: string | number
  readonly frameId?: number
}
interface Event<Args extends readonly unknown[], Result = void> {
  addListener(listener: (...args: Args) => Result): void
}
interface WebExtension {
  readonly runtime: {
    readonly id: string
    getURL(path: string): string
    connect(info: { readonly name: string }): Port
    sendMessage(message: unknown): Promise<unknown>
    /** true: the answer comes later */
    readonly onMessage: Event<readonly [message: unknown, sender: Sender, respond: (answer: unknown) => void], boolean>
    readonly onConnect: Event<readonly [port: Port]>
    readonly onInstalled: Event<readonly [details: { readonly reason: string }]>
  }
  readonly storage: {
    readonly session: {
      get(key: string): Promise<Readonly<Record<string, unknown>>>
      set(items: Readonly<Record<string, unknown>>): Promise<void>
      remove(keys: readonly string[]): Promise<void>
      /** Chromium; in Firefox session storage is closed to content scripts anyway */
      setAccessLevel?(level: { readonly accessLevel: 'TRUSTED_CONTEXTS' }): Promise<void>
    }
  }
  readonly tabs: {
    get(id: number): Promise<Tab>
    query(query: {
      readonly active?: boolean
      readonly currentWindow?: boolean
      readonly lastFocusedWindow?: boolean
      readonly url?: readonly string[]
      readonly discarded?: boolean
    }): Promise<Tab[]>
    create(tab: { readonly url: string }): Promise<Tab>
    readonly onActivated: Event<readonly []>
    readonly onUpdated: Event<readonly [id: number, change: { readonly url?: string; readonly status?: string }]>
    readonly onRemoved: Event<readonly [id: number]>
    sendMessage(id: number, message: unknown, to: { readonly frameId: number } | { readonly documentId: string }): Promise<unknown>
  }
  readonly action: {
    setBadgeText(badge: { readonly tabId: number; readonly text: string }): Promise<void>
    setBadgeBackgroundColor(badge: { readonly color: string }): Promise<void>
    /** Fails where the browser wants a click on something of its own first. */
    openPopup?(): Promise<void>
  }
  readonly windows: {
    create(window: {
      readonly type: 'popup'
      readonly url: string
      readonly width: number
      readonly height: number
    }): Promise<{ readonly id?: number }>
    remove(id: number): Promise<void>
    readonly onRemoved: Event<readonly [id: number]>
  }
  readonly commands: { readonly onCommand: Event<readonly [command: string, tab?: Tab]> }
  readonly contextMenus: {
    create(entry: { readonly id: string; readonly title: string; readonly contexts: readonly string[] }): void
    removeAll(): Promise<void>
    readonly onClicked: Event<readonly [click: MenuClick, tab?: Tab]>
  }
  readonly alarms: {
    create(name: string, when: { readonly periodInMinutes: number } | { readonly when: number }): Promise<void> | void
    readonly onAlarm: Event<readonly [alarm: { readonly name: string }]>
  }
  /** Chromium: the background has no document of its own */
  readonly offscreen?: {
    createDocument(page: { readonly url: string; readonly reasons: readonly ['CLIPBOARD']; readonly justification: string }): Promise<void>
    closeDocument(): Promise<void>
  }
  readonly scripting: {
    executeScript<Args extends readonly unknown[], Result>(injection: {
      readonly target: { readonly tabId: number } & ({ readonly allFrames: true } | { readonly frameIds: readonly number[] })
      readonly func: (...args: Args) => Result
      readonly args: Args
    }): Promise<readonly { readonly frameId?: number; readonly result?: Awaited<Result> }[]>
    executeScript(injection: {
      readonly target: { readonly tabId: number; readonly frameIds: readonly number[] }
      readonly files: readonly string[]
    }): Promise<unknown>
  }
  /** The person lets the extension to more sites than before. */
  readonly permissions: { readonly onAdded: Event<readonly []> }
}

const found = globalThis as unknown as { readonly browser?: WebExtension; readonly chrome: WebExtension }
export const browser: WebExtension = found.browser?.runtime === undefined ? found.chrome : found.browser
