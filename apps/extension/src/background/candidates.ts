/** What the keychain has for a frame, as names: logins of its site and all cards; and the values of the one item that was chosen. */
import type { Candidate, CardValues, FillValues } from '@nokkel/autofill'
import type { ItemId } from '@nokkel/base'
import type { Client, ItemView } from '@nokkel/client'
import { totpCode } from '@nokkel/keychain'
import type { Matches } from './matches.ts'

export async function candidatesFor(client: Client, matches: Matches, url: string): Promise<readonly Candidate[]> {
  const used = await client.usedItems()
  const logins = [...(await matches.ofSite(url)), ...(await matches.bySaying(url))].map((item) => ({
    itemId: item.id,
    kind: 'login' as const,
    title: item.title,
    username: item.username,
    sites: item.sites,
    hasPassword: true,
    hasTotp: item.hasTotp,
    changedMs: item.modifiedMs,
    usedMs: used.get(item.id) ?? 0,
  }))
  const cards = (await client.items({ kind: 'card' })).map((item) => ({
    itemId: item.id,
    kind: 'card' as const,
    title: item.title,
    username: '',
    sites: [],
    hasPassword: false,
    hasTotp: false,
    changedMs: item.modifiedMs,
    usedMs: used.get(item.id) ?? 0,
  }))
  return [...logins, ...cards]
}

export function textOf(item: ItemView, name: string): string {
  const value = item.fields.find((field) => field.name === name)?.value
  return typeof value === 'string' ? value : ''
}
function numberOf(item: ItemView, name: string): number {
  const value = item.fields.find((field) => field.name === name)?.value
  return typeof value === 'number' ? value : 0
}

/** The last four digits and the expiry: enough to tell cards apart, as on a receipt. */
export async function cardDetail(client: Client, id: string): Promise<string> {
  const item = await client.item(id as ItemId)
  const digits = textOf(item, 'number').replaceAll(/\D/g, '')
  const month = numberOf(item, 'expiryMonth')
  const year = numberOf(item, 'expiryYear')
  const expiry = month > 0 && year > 0 ? ` · ${String(month).padStart(2, '0')}/${String(year % 100).padStart(2, '0')}` : ''
  return digits.length < 8 ? expiry.slice(3) : `•••• ${digits.slice(-4)}${expiry}`
}

/** There is no security code among them, because there is none in the keychain (E5). */
export function cardOf(item: ItemView): CardValues {
  return {
    name: textOf(item, 'cardholder'),
    number: textOf(item, 'number').replaceAll(/\D/g, ''),
    expMonth: numberOf(item, 'expiryMonth'),
    expYear: numberOf(item, 'expiryYear'),
  }
}

export async function valuesOf(client: Client, id: string): Promise<FillValues> {
  const item = await client.item(id as ItemId)
  if (item.kind === 'card') return { card: cardOf(item) }
  const key = textOf(item, 'totp')
  const username = textOf(item, 'username')
  return {
    username,
    ...(username.includes('@') && { email: username }),
    password: textOf(item, 'password'),
    ...(key !== '' && { totp: (await totpCode(key, Date.now())).code }),
  }
}
