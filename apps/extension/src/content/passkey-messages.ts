/**
 * What the passkey script of a document and the background say to each other, over a port of its own for each request: the document that goes
 * away takes its request with it. The reader copies what fits and refuses the rest, as for all that comes from a page (A34).
 */

export interface PasskeyAsk {
  readonly kind: 'create' | 'get'
  /** In the JSON form of the standard; read and bounded by packages/passkeys. */
  readonly options: unknown
  /** Origins of the frames around, innermost first; `null` for one that the browser does not name. */
  readonly ancestors: readonly string[]
  /** A person has just done something in this document. */
  readonly activated: boolean
  /** The policy of the pages around lets this frame use passkeys. */
  readonly permitted: boolean
  /** Of the background: the passkey that a person chose at a field of this document. Stands in the place of the act. */
  readonly ticket?: string
}

export type PasskeyAnswer =
  /** a person is being asked; the answer follows */
  | { readonly outcome: 'asking' }
  /** the browser's own turn */
  | { readonly outcome: 'native' }
  | { readonly outcome: 'refused' }
  | { readonly outcome: 'excluded' }
  | { readonly outcome: 'answer'; readonly json: object }

/** Lives in the isolated world, out of the page's reach: the one document's sign-in that waits for a choice at a field. */
export interface WaitingPasskey {
  /** null: there is none */
  wanted(): object | null
  use(ticket: string): void
  /** Called each time one begins to wait. */
  onBegin: (() => void) | null
}
export const waitingName = 'nokkelWaitingPasskey'

export const longestRequest = 500_000

/** null: not of the schema. */
export function readPasskeyAsk(value: unknown): PasskeyAsk | null {
  if (typeof value !== 'object' || value === null) return null
  const row = value as Readonly<Record<string, unknown>>
  for (const name of ['kind', 'options', 'ancestors', 'activated', 'permitted']) if (!Object.hasOwn(row, name)) return null
  const { kind, options, ancestors } = row
  if ((kind !== 'create' && kind !== 'get') || typeof options !== 'object' || options === null) return null
  if (!Array.isArray(ancestors) || ancestors.length > 32) return null
  if (!ancestors.every((each) => typeof each === 'string' && each.length <= 300)) return null
  const named = ancestors as readonly string[]
  const ticket = Object.hasOwn(row, 'ticket') ? row['ticket'] : undefined
  return {
    kind,
    options,
    ancestors: [...named],
    activated: row['activated'] === true,
    permitted: row['permitted'] === true,
    ...(typeof ticket === 'string' && ticket.length <= 64 && { ticket }),
  }
}
