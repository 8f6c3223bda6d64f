/** What the key signs about the page (WebAuthn §5.8.1): challenge and origin, the origin from the browser and never from the page. */
import { toBase64url, utf8, type Bytes } from '@nokkel/base'

export interface Caller {
  /** Serialised origin of the document that asked, as the browser names it. */
  readonly origin: string
  /** A frame around it has another origin. */
  readonly crossOrigin: boolean
  /** Origin of the tab; present where `crossOrigin` holds. */
  readonly topOrigin?: string
}

/** The order of the members and their escapes are the standard's own (§5.8.1.1); an origin has nothing in it that JSON would write otherwise. */
export function clientDataJson(type: 'webauthn.create' | 'webauthn.get', challenge: Bytes, caller: Caller): Bytes {
  const { origin, crossOrigin, topOrigin } = caller
  const members = {
    type,
    challenge: toBase64url(challenge),
    origin,
    crossOrigin,
    ...(crossOrigin && topOrigin !== undefined && { topOrigin }),
  }
  return utf8(JSON.stringify(members))
}
