/**
 * An account with something of every kind, for looking at screens as they are when a person has used them: an export of another manager to import,
 * in which some rows are refused and some repaired, and what the command line adds. The names are Norwegian in both languages: they are the person's.
 */
import { toBase64url } from '@nokkel/base'
import { generateKeyPairSync } from 'node:crypto'
import type { Device } from './harness.ts'

const host = (name: string): string => `${name.toLowerCase().replaceAll(/[^a-z]/g, '')}.example`
const login = (name: string, username: string, password: string, more: object = {}) => ({
  type: 1,
  name,
  login: { uris: [{ match: null, uri: `https://${host(name)}` }], username, password, ...more },
})

/** The export of Bitwarden: passwords good and bad, a passkey, cards, a note; a row that is nothing, and fields that find no place. */
export function bitwardenExport(): { readonly name: string; readonly mimeType: string; readonly buffer: Buffer } {
  const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'der', type: 'pkcs8' })
  const passkey = {
    credentialId: 'b64.AQIDBA',
    keyType: 'public-key',
    keyAlgorithm: 'ECDSA',
    keyCurve: 'P-256',
    keyValue: toBase64url(new Uint8Array(key)),
    rpId: 'legetimen.example',
    userHandle: 'dXNlcg',
    userName: 'kari.nordmann@example.org',
    counter: '0',
    rpName: 'Legetimen',
    userDisplayName: 'Kari Nordmann',
    discoverable: 'true',
    creationDate: '2024-05-05T05:05:05.000Z',
  }
  const items: object[] = [
    login('Nettbanken', 'kari.nordmann', 'wimxeq-zedwy6-Rukhef', {
      totp: 'JBSWY3DPEHPK3PXP',
      passwordRevisionDate: '2025-11-02T10:00:00.000Z',
    }),
    login('Legetimen', 'kari.nordmann@example.org', 'pivgas-7xedDo-kirbuz', { fido2Credentials: [passkey] }),
    login('Posten', 'kari', 'passord123'),
    login('Ruter', 'kari', 'Felles-passord-7-her'),
    login('Biblioteket', 'lånekort 402 118', 'Felles-passord-7-her'),
    login('Strømleverandøren', 'kari.nordmann@example.org', 'gojvun-6Xyhra-muqdyd', { totp: 'KRSXG5CTMVRXEZLU' }),
    login('Treningssenteret', 'kari.nordmann@example.org', 'syvwaq-ziBka6-hojzyn'),
    login('Vipps', 'Kari', 'xaqqer-5Qyzfa-wagsub'),
    { ...login('Vipps', 'kari', 'cyjxog-hezru6-Nacfas'), name: 'vipps.example' },
    { ...login('Kommunen', 'kari.nordmann@example.org', 'difjun-cEbsy4-zyvqac'), favorite: true, notes: 'Innlogging for barnehagen.' },
    ...['Avisa', 'Flyselskapet', 'Forsikringen', 'Hagelaget', 'Kinoen', 'Matbutikken', 'Skolen', 'Togbilletten', 'Værtjenesten'].map(
      (name, n) => login(name, `kari${n}@example.org`, `nyqfet-${n}gUrbi-habdox`),
    ),
    {
      type: 3,
      name: 'Bankkort',
      card: { cardholderName: 'Kari Nordmann', brand: 'Visa', number: '4111111111111111', expMonth: '9', expYear: '2029', code: '123' },
    },
    { type: 2, name: 'Alarmen på hytta', notes: 'Koden står i skapet.\nSlå av før døra åpnes.', secureNote: { type: 0 } },
    { type: 1, name: 'Uten noe', login: {} },
    { type: 99, name: 'Av en ukjent slag' },
  ]
  const file = {
    encrypted: false,
    folders: [],
    items: items.map((item, n) => ({ id: `i${n}`, folderId: null, notes: null, favorite: false, fields: [], ...item })),
  }
  return { name: 'bitwarden.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) }
}

/** What the import has none of, and what only comes with time: a network, an earlier password, a deleted item. */
export async function addFromElsewhere(device: Device): Promise<void> {
  await device.ok(['add', 'wifi', '--title', 'Hytta', '--field', 'ssid=Hytta 5G', '--field', 'password=-'], { input: 'furu og einer' })
  await device.ok(['edit', 'Nettbanken', '--field', 'password=-'], { input: 'Rukhef-wimxeq-9zedwy' })
  await device.addPassword('Gammel konto', 'duvxim-Wyrpa1-cyrnax')
  await device.ok(['delete', 'Gammel konto'])
}
