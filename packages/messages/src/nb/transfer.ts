/**
 * Words for import, in bokmål: the formats, the notes on imported items and the reasons for refused rows, keyed by the codes of
 * `packages/transfer`. `{name}` stands for a parameter of the code. No sentence shows a value from the file, only names of columns.
 */
import type { Mirror } from '../catalogue.ts'
import type { transferEn } from '../en/transfer.ts'

export const transferNb: Mirror<typeof transferEn> = {
  'apple-csv': 'Apple Passord eller Safari (CSV)',
  'chrome-csv': 'Chrome, Edge eller en annen Chromium-nettleser (CSV)',
  'firefox-csv': 'Firefox (CSV)',
  'bitwarden-csv': 'Bitwarden (CSV)',
  'bitwarden-json': 'Bitwarden (JSON)',
  '1password-csv': '1Password (CSV)',

  'security-code-dropped': 'Kortets sikkerhetskode ({field}) er utelatt. Den lagres aldri: skriv den inn når du betaler.',
  'totp-invalid': 'Verifiseringskoden i «{field}» er av en type som ikke kan brukes her. Teksten er tatt vare på i notatet.',
  'characters-replaced': 'Noen tegn i «{field}» var ødelagt og er fjernet eller erstattet. Kontroller verdien før du stoler på den.',
  'kept-as-custom': '«{field}» har ikke noe eget felt her og er beholdt som et egendefinert felt.',
  'custom-renamed': 'Flere egendefinerte felt het «{field}»; dette heter nå «{label}».',
  'left-out': '«{field}» ble ikke importert.',
  'attachment-left-out': 'Vedlegget «{name}» ble ikke importert. Ta vare på det et annet sted før du sletter originalen.',
  'passkey-separated': 'Passnøkkelen er nå et eget objekt ved siden av passordet.',
  'passkey-unreadable': 'Passnøkkelen for {site} kunne ikke leses. Opprett en ny på nettstedet.',
  'kind-as-note': 'Et objekt av typen «{kind}» er beholdt som et sikkert notat med egendefinerte felt.',
  'history-shortened': 'De {kept} nyeste av {total} tidligere passord er beholdt.',
  'was-archived': 'Objektet var arkivert der det kom fra, og er et vanlig objekt her.',
  'row-ends-early': 'Raden har bare {cells} av {columns} kolonner. Det som skulle stått i de andre, mangler: Se på objektet.',
  'encoding-guessed': 'Filen sier ikke hvordan tegnene er kodet; den ble lest som {encoding}. Kontroller navn med æ, ø og å.',
  'column-not-kept': 'Kolonnen «{field}» betyr bare noe for programmet som skrev filen, og er ikke tatt med.',

  'empty-row': 'Raden er tom.',
  'malformed-row': 'Raden kan ikke leses: anførselstegnene eller antallet kolonner er feil.',
  'too-long': '«{field}» er lengre enn {max} tegn. Ingenting er kuttet; forkort verdien i filen og importer raden på nytt.',
  'too-many-fields': 'Objektet har mer enn {max} felt.',
  'item-too-large': 'Objektet er større enn {limitBytes} byte til sammen.',
  'duplicate-in-file': 'Raden sier nøyaktig det samme som rad {firstRow}.',
  'deleted-in-source': 'Objektet lå i papirkurven i programmet som skrev filen.',
}
