/**
 * All that layers 0 to 4 may take from their platform: what browsers, extensions, Node and other runtimes have alike. The list
 * is short on purpose; what is missing here (fetch, console, timers with a meaning, storage) comes in as an argument.
 * Used by tsconfig.core.json only; it stands outside the folders that tsconfig.json includes, so that it meets no DOM types.
 */

declare class TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>
  encodeInto(text: string, into: Uint8Array): { read: number; written: number }
}

declare class TextDecoder {
  constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean })
  decode(bytes?: ArrayBufferView | ArrayBuffer, options?: { stream?: boolean }): string
}

declare class URLSearchParams implements Iterable<[string, string]> {
  constructor(init?: string | Iterable<[string, string]> | Record<string, string>)
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string): boolean
  set(name: string, value: string): void
  append(name: string, value: string): void
  toString(): string
  [Symbol.iterator](): IterableIterator<[string, string]>
}

declare class URL {
  static canParse(url: string, base?: string | URL): boolean
  static parse(url: string, base?: string | URL): URL | null
  constructor(url: string, base?: string | URL)
  readonly href: string
  readonly origin: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  readonly search: string
  readonly searchParams: URLSearchParams
  readonly hash: string
  toString(): string
}

interface AbortSignal {
  readonly aborted: boolean
  readonly reason: unknown
  throwIfAborted(): void
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

declare const AbortSignal: {
  abort(reason?: unknown): AbortSignal
  any(signals: readonly AbortSignal[]): AbortSignal
}

declare class AbortController {
  readonly signal: AbortSignal
  abort(reason?: unknown): void
}

declare const crypto: {
  getRandomValues<T extends ArrayBufferView>(array: T): T
  /**
   * HMAC for TOTP with SHA-1: our own constructions use packages/crypto, which has no SHA-1 and should not. AES-GCM for many messages at once,
   * in packages/crypto. ECDSA on P-256 for passkeys, whose algorithm the sites choose. Absent on pages that are not secure contexts.
   */
  readonly subtle: {
    importKey(
      format: 'raw',
      key: Uint8Array,
      algorithm: { name: 'HMAC'; hash: string } | { name: 'AES-GCM' },
      extractable: false,
      usages: readonly ('sign' | 'encrypt' | 'decrypt')[],
    ): Promise<PlatformKey>
    importKey(format: 'pkcs8', key: Uint8Array, algorithm: Ecdsa, extractable: false, usages: readonly 'sign'[]): Promise<PlatformKey>
    generateKey(
      algorithm: Ecdsa,
      extractable: true,
      usages: readonly ('sign' | 'verify')[],
    ): Promise<{ readonly privateKey: PlatformKey; readonly publicKey: PlatformKey }>
    exportKey(format: 'pkcs8' | 'raw' | 'spki', key: PlatformKey): Promise<ArrayBuffer>
    sign(
      algorithm: 'HMAC' | { readonly name: 'ECDSA'; readonly hash: 'SHA-256' },
      key: PlatformKey,
      message: Uint8Array,
    ): Promise<ArrayBuffer>
    digest(algorithm: 'SHA-256', data: Uint8Array): Promise<ArrayBuffer>
    encrypt(algorithm: AesGcm, key: PlatformKey, plaintext: Uint8Array): Promise<ArrayBuffer>
    decrypt(algorithm: AesGcm, key: PlatformKey, sealed: Uint8Array): Promise<ArrayBuffer>
  }
}

interface PlatformKey {
  readonly type: string
}

interface Ecdsa {
  readonly name: 'ECDSA'
  readonly namedCurve: 'P-256'
}

interface AesGcm {
  readonly name: 'AES-GCM'
  readonly iv: Uint8Array
  readonly additionalData: Uint8Array
}

declare function setTimeout(callback: () => void, delayMs?: number): unknown
declare function clearTimeout(timer: unknown): void
declare function queueMicrotask(callback: () => void): void
declare function structuredClone<T>(value: T): T
