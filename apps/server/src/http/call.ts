/** One request, parsed once; handlers see this and never the HTTP library. Types follow from the routes table. */
import type { Bytes } from '@nokkel/base'
import type { JsonRequest, JsonResponse, RouteName, Routes } from '@nokkel/protocol/wire'
import type { SessionWithAccount } from '../store/store.ts'

export interface CallBase {
  readonly requestId: string
  /** the caller's address; behind a trusted proxy, the one that the proxy saw */
  readonly address: string
  /** as people are shown it */
  readonly place: string
  /** the server's own prober, which may have an account where registration is closed */
  readonly isProbe: boolean
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string | undefined>>
}

type SessionOf<Name extends RouteName> = Routes[Name]['auth'] extends 'none' ? null : SessionWithAccount
type BodyOf<Name extends RouteName> = Routes[Name]['request'] extends 'frames'
  ? AsyncIterable<Uint8Array>
  : Routes[Name]['request'] extends 'cbor'
    ? Bytes
    : Routes[Name]['request'] extends null
      ? null
      : JsonRequest<Name>

export interface Call<Name extends RouteName> extends CallBase {
  readonly session: SessionOf<Name>
  readonly body: BodyOf<Name>
}

/** Frames come as a stream, or, when there is one only, as its bytes: most answers to "anything new?" are. */
export type Answer<Name extends RouteName> = Routes[Name]['response'] extends 'frames'
  ? Bytes | AsyncIterable<Bytes>
  : Routes[Name]['response'] extends 'cbor'
    ? Bytes
    : JsonResponse<Name>

export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Answer<Name>>
export type Handlers = { readonly [Name in RouteName]: Handler<Name> }
