/**
 * The WebExtension interface under one name, and just as much of it as is used here: Firefox calls it `browser`, Chromium `chrome`; both
 * give promises in Manifest V3.
 */
export interface Sender {
  readonly id?: string
  readonly url?: string
}
export interface Port {
  readonly sender?: Sender
  postMessage(message: unknown): void
  disconnect(): void
  readonly onMessage: { addListener(listener: (message: unknown) => void): void }
  readonly onDisconnect: { addListener(listener: () => void): void }
}
export interface Tab {
  readonly id?: number
  readonly url?: string
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
    query(query: { readonly active?: boolean; readonly currentWindow?: boolean; readonly lastFocusedWindow?: boolean }): Promise<Tab[]>
    create(tab: { readonly url: string }): Promise<Tab>
    readonly onActivated: Event<readonly []>
    readonly onUpdated: Event<readonly [id: number, change: { readonly url?: string; readonly status?: string }]>
  }
  readonly action: {
    setBadgeText(badge: { readonly tabId: number; readonly text: string }): Promise<void>
    setBadgeBackgroundColor(badge: { readonly color: string }): Promise<void>
  }
  readonly alarms: {
    create(name: string, when: { readonly periodInMinutes: number }): Promise<void> | void
    readonly onAlarm: Event<readonly []>
  }
  readonly scripting: {
    executeScript<Args extends readonly unknown[], Result>(injection: {
      readonly target: { readonly tabId: number; readonly frameIds: readonly number[] }
      readonly func: (...args: Args) => Result
      readonly args: Args
    }): Promise<readonly { readonly result?: Result }[]>
  }
}

const found = globalThis as unknown as { readonly browser?: WebExtension; readonly chrome: WebExtension }
export const browser: WebExtension = found.browser?.runtime === undefined ? found.chrome : found.browser
