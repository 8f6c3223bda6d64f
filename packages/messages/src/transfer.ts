/**
 * Words for import: the formats, the notes on imported items and the reasons for refused rows, keyed by the codes of
 * `packages/transfer`. `{name}` stands for a parameter of the code. No sentence shows a value from the file, only names of columns.
 */
export const transferMessages = {
  en: {
    'apple-csv': 'Apple Passwords or Safari (CSV)',
    'chrome-csv': 'Chrome, Edge or another Chromium browser (CSV)',
    'firefox-csv': 'Firefox (CSV)',
    'bitwarden-csv': 'Bitwarden (CSV)',
    'bitwarden-json': 'Bitwarden (JSON)',
    '1password-csv': '1Password (CSV)',

    'security-code-dropped': 'The card’s security code ({field}) was left out. It is never stored: type it when you pay.',
    'totp-invalid': 'The verification code in “{field}” is of a kind that cannot be used here. Its text is kept in the notes.',
    'characters-replaced': 'Some characters in “{field}” were damaged and have been removed or replaced. Check it before you rely on it.',
    'kept-as-custom': '“{field}” has no field of its own here and is kept as a custom field.',
    'custom-renamed': 'There were several custom fields called “{field}”; this one is now called “{label}”.',
    'left-out': '“{field}” was not imported.',
    'attachment-left-out': 'The attached file “{name}” was not imported. Save it elsewhere before you delete the original.',
    'passkey-separated': 'The passkey is now an item of its own beside the password.',
    'passkey-unreadable': 'The passkey for {site} could not be read. Create a new one on the site.',
    'kind-as-note': 'An item of the kind “{kind}” is kept as a secure note with custom fields.',
    'history-shortened': 'The {kept} newest of {total} earlier passwords were kept.',
    'was-archived': 'It was archived where it came from and is an ordinary item here.',
    'encoding-guessed':
      'The file does not say how its characters are written; it was read as {encoding}. Check names with special letters.',
    'column-not-kept': 'The column “{field}” only meant something to the program that wrote the file and was not kept.',

    'empty-row': 'The row is empty.',
    'malformed-row': 'The row cannot be read: its quotation marks or its number of columns are wrong.',
    'too-long': '“{field}” is longer than {max} characters. Nothing was cut off; shorten it in the file and import the row again.',
    'too-many-fields': 'The item has more than {max} fields.',
    'item-too-large': 'The item is larger than {limitBytes} bytes in all.',
    'duplicate-in-file': 'The row says exactly the same as row {firstRow}.',
    'deleted-in-source': 'The item was in the bin of the program that wrote the file.',
  },
  nb: {
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
    'encoding-guessed': 'Filen sier ikke hvordan tegnene er kodet; den ble lest som {encoding}. Kontroller navn med æ, ø og å.',
    'column-not-kept': 'Kolonnen «{field}» betyr bare noe for programmet som skrev filen, og er ikke tatt med.',

    'empty-row': 'Raden er tom.',
    'malformed-row': 'Raden kan ikke leses: anførselstegnene eller antallet kolonner er feil.',
    'too-long': '«{field}» er lengre enn {max} tegn. Ingenting er kuttet; forkort verdien i filen og importer raden på nytt.',
    'too-many-fields': 'Objektet har mer enn {max} felt.',
    'item-too-large': 'Objektet er større enn {limitBytes} byte til sammen.',
    'duplicate-in-file': 'Raden sier nøyaktig det samme som rad {firstRow}.',
    'deleted-in-source': 'Objektet lå i papirkurven i programmet som skrev filen.',
  },
} as const
