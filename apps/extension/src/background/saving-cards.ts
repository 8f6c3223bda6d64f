/** Cards that were typed into a check-out, beside those of the keychain: which are known, and what is saved (E2). Never a security code (E5). */
import type { CardValues, KnownCard } from '@nokkel/autofill'
import type { ItemId } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { cardOf } from './candidates.ts'

export async function knownCards(client: Client, card: CardValues): Promise<readonly KnownCard[]> {
  const summaries = await client.items({ kind: 'card' })
  return Promise.all(
    summaries.map(async ({ id }) => {
      const { number, expMonth, expYear } = cardOf(await client.item(id))
      return {
        itemId: id as string,
        sameNumber: number === card.number,
        sameExpiry: expMonth === card.expMonth && expYear % 100 === card.expYear % 100,
      }
    }),
  )
}

/** Beginnings of numbers by issuer, as ISO/IEC 7812 gives them out. */
const issuers: readonly (readonly [string, RegExp])[] = [
  ['Visa', /^4/],
  ['Mastercard', /^(?:5[1-5]|2[2-7])/],
  ['American Express', /^3[47]/],
]

/** As on a receipt: the last four digits and the expiry. */
export function cardText({ number, expMonth, expYear }: CardValues): string {
  const expiry = expMonth > 0 ? ` · ${String(expMonth).padStart(2, '0')}/${String(expYear % 100).padStart(2, '0')}` : ''
  return `•••• ${number.slice(-4)}${expiry}`
}

/** `id`: of the card whose expiry is new; empty: a new card. */
export async function saveCard(client: Client, card: CardValues, id: string): Promise<void> {
  const expiry = card.expMonth > 0 ? ([['expiryMonth', card.expMonth], ['expiryYear', card.expYear]] as const) : [] // prettier-ignore
  if (id !== '') return client.editItem(id as ItemId, { set: new Map(expiry) })
  const issuer = issuers.find(([, begins]) => begins.test(card.number))?.[0] ?? ''
  await client.addItem({
    kind: 'card',
    fields: new Map<string, string | number>([
      ['title', `${issuer} •••• ${card.number.slice(-4)}`.trim()],
      ...(card.name === '' ? [] : [['cardholder', card.name] as const]),
      ['number', card.number],
      ...expiry,
    ]),
  })
}
