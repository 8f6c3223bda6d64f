import { describe, expect, it } from 'vitest'
import { addTicket, takeTicket } from './tickets.ts'

const ticket = { itemId: 'item', tabId: 7, origin: 'https://shop.no' }

describe('PK-8 a choice at a field', () => {
  it('is for one request of the tab and origin that it was made in', () => {
    addTicket('a', ticket, 0)
    expect(takeTicket('a', 8, ticket.origin, 10_000)).toBeUndefined()
    expect(takeTicket('a', 7, 'https://bank.no', 10_000)).toBeUndefined()
    expect(takeTicket('b', 7, ticket.origin, 10_000)).toBeUndefined()
    expect(takeTicket(undefined, 7, ticket.origin, 10_000)).toBeUndefined()
    expect(takeTicket('a', 7, ticket.origin, 10_000)).toMatchObject(ticket)
    expect(takeTicket('a', 7, ticket.origin, 10_000)).toBeUndefined()
  })

  it('gives way to the next choice, and does not last', () => {
    addTicket('a', ticket, 0)
    addTicket('b', ticket, 0)
    expect(takeTicket('a', 7, ticket.origin, 10_000)).toBeUndefined()
    expect(takeTicket('b', 7, ticket.origin, 10_001)).toBeUndefined()
  })
})
