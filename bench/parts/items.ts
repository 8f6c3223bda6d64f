/**
 * The vault that all figures are taken with: login items as people have them, about 700 bytes of JSON each, the same ones for the
 * same seed. Also in the forms that peers take in. It knows nothing of how anything is measured.
 */
import { SeededRandom } from '@nokkel/base/testing'

export interface LoginItem {
  readonly name: string
  readonly notes: string
  readonly favorite: boolean
  readonly fields: readonly { readonly name: string; readonly value: string; readonly type: 0 | 1 }[]
  readonly login: {
    readonly username: string
    readonly password: string
    readonly totp: string | null
    readonly uris: readonly { readonly match: null; readonly uri: string }[]
  }
}

const brands =
  'Nordlys Fjordbank Kystposten Solside Havblikk Bergtrafikk Skogheim Elvebredd Vinterlys Sommerøy Tindepost Fossekall Lyngmark Storgata Brattvåg Granli Måneskinn Furuset Rødhette Ørnereir Pixelworks Bluefin Harbor Quillpress Lanternfish Copperleaf Northwind Tailspin Contoso Fabrikam'.split(
    ' ',
  )
const trades =
  'Bank Forsikring Butikk Reiser Strøm Mobil Avis Bibliotek Forum Skole Apotek Kino Trening Parkering Post Cloud Mail Games Music Docs'.split(
    ' ',
  )
const firstNames = 'kari ola ingrid lars anne per sofie magnus nora emil astrid henrik maja jakob thea'.split(' ')
const lastNames = 'nordmann hansen johansen olsen larsen andersen pedersen nilsen kristiansen jensen berg haugen'.split(' ')
const words =
  'konto kunde nummer gammel passord byttet etter varsel ring kundeservice mandag til fredag avtale fornyes hvert år husk at kortet utløper den felles tilgang for familien spør først sikkerhetsspørsmål svar ligger i permen the recovery address is the old one do not use shared device billing on the first of month'.split(
    ' ',
  )
const domains = ['no', 'com', 'org', 'net', 'se', 'io']
const letters = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789!#%&/()=?+-_.:;'
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

const pickText = (random: SeededRandom, from: string, length: number): string =>
  Array.from({ length }, () => from[random.below(from.length)] as string).join('')

const sentence = (random: SeededRandom, count: number): string => Array.from({ length: count }, () => random.pick(words)).join(' ')

const asciiName = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[æå]/g, 'a')
    .replace(/ø/g, 'o')
    .replace(/[^a-z0-9]+/g, '-')

function loginItem(random: SeededRandom, at: number): LoginItem {
  const name = `${random.pick(brands)} ${random.pick(trades)} ${at + 1}`
  const host = `${random.pick(['www', 'login', 'min', 'account'])}.${asciiName(name)}.${random.pick(domains)}`
  const person = `${random.pick(firstNames)}.${random.pick(lastNames)}`
  const uris = [`https://${host}/login`]
  if (random.chance(0.35)) uris.push(`https://${asciiName(name)}.${random.pick(domains)}/account/sign-in`)
  return {
    name,
    notes: sentence(random, 38 + random.below(48)),
    favorite: random.chance(0.03),
    fields: random.chance(0.4)
      ? [
          { name: 'Kundenummer', value: String(10_000_000 + random.below(89_999_999)), type: 0 },
          { name: 'PIN', value: String(1_000 + random.below(9_000)), type: 1 },
        ]
      : [],
    login: {
      username: random.chance(0.7) ? `${person}${random.below(100)}@example.${random.pick(domains)}` : `${person}${random.below(1_000)}`,
      password: pickText(random, letters, 14 + random.below(12)),
      totp: random.chance(0.2) ? pickText(random, base32, 32) : null,
      uris: uris.map((uri) => ({ match: null, uri })),
    },
  }
}

export function loginItems(count: number, seed = 1): LoginItem[] {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, (_, at) => loginItem(random, at))
}

/** A file of Bitwarden's unencrypted JSON export: what `importFile` and `nokkel import` are given. */
export function bitwardenJson(items: readonly LoginItem[]): Uint8Array<ArrayBuffer> {
  const all = items.map((item) => ({ type: 1, reprompt: 0, folderId: null, ...item }))
  return new TextEncoder().encode(JSON.stringify({ encrypted: false, folders: [], items: all }))
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => entities[sign] as string)

function stringsOf({ name, notes, fields, login }: LoginItem): (readonly [key: string, value: string, hidden: boolean])[] {
  return [
    ['Title', name, false],
    ['UserName', login.username, false],
    ['Password', login.password, true],
    ['URL', login.uris[0]?.uri ?? '', false],
    ['Notes', notes, false],
    ...login.uris.slice(1).map(({ uri }, at) => [`KP2A_URL_${at + 1}`, uri, false] as const),
    ...(login.totp === null ? [] : [['otp', `otpauth://totp/x?secret=${login.totp}`, true] as const]),
    ...fields.map((field) => [field.name, field.value, field.type === 1] as const),
  ]
}

const uuidOf = (at: number): string => {
  const bytes = Buffer.alloc(16, 7)
  bytes.writeUInt32BE(at)
  return bytes.toString('base64')
}

/** The same items as KeePass 2 XML, which KeePassXC and kdbxweb read. */
export function keePassXml(items: readonly LoginItem[]): string {
  const time = '2026-01-02T03:04:05Z'
  const times = `<Times><CreationTime>${time}</CreationTime><LastModificationTime>${time}</LastModificationTime><LastAccessTime>${time}</LastAccessTime><ExpiryTime>${time}</ExpiryTime><Expires>False</Expires><UsageCount>0</UsageCount><LocationChanged>${time}</LocationChanged></Times>`
  const entries = items.map((item, at) => {
    const strings = stringsOf(item).map(
      ([key, value, hidden]) =>
        `<String><Key>${escaped(key)}</Key><Value${hidden ? ' ProtectInMemory="True"' : ''}>${escaped(value)}</Value></String>`,
    )
    return `<Entry><UUID>${uuidOf(at + 1)}</UUID><IconID>0</IconID>${times}${strings.join('')}</Entry>`
  })
  return `<?xml version="1.0" encoding="utf-8" standalone="yes"?><KeePassFile><Meta><Generator>bench</Generator><DatabaseName>bench</DatabaseName><MemoryProtection><ProtectTitle>False</ProtectTitle><ProtectUserName>False</ProtectUserName><ProtectPassword>True</ProtectPassword><ProtectURL>False</ProtectURL><ProtectNotes>False</ProtectNotes></MemoryProtection></Meta><Root><Group><UUID>${uuidOf(0)}</UUID><Name>Root</Name><IconID>48</IconID>${times}<IsExpanded>True</IsExpanded>${entries.join('')}</Group></Root></KeePassFile>`
}
