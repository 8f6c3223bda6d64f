/** What was chosen at a field, until its document asks with it: once, for that tab and origin, and not for long. */
export interface Ticket {
  readonly itemId: string
  readonly tabId: number
  readonly origin: string
}

const tickets = new Map<string, Ticket & { readonly sinceMs: number }>()
const lifeMs = 10_000

export function addTicket(name: string, ticket: Ticket, nowMs: number): void {
  tickets.clear()
  tickets.set(name, { ...ticket, sinceMs: nowMs })
}

export function takeTicket(name: string | undefined, tabId: number, origin: string, nowMs: number): Ticket | undefined {
  const found = tickets.get(name ?? '')
  if (found === undefined || found.tabId !== tabId || found.origin !== origin) return undefined
  tickets.delete(name ?? '')
  return nowMs - found.sinceMs > lifeMs ? undefined : found
}
