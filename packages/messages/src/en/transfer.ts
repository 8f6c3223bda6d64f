/**
 * Words for import, in English: the formats, the notes on imported items and the reasons for refused rows, keyed by the codes of
 * `packages/transfer`. `{name}` stands for a parameter of the code. No sentence shows a value from the file, only names of columns.
 */
export const transferEn = {
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
  'row-ends-early': 'The row has only {cells} of {columns} columns. What should stand in the others is missing: look at the item.',
  'encoding-guessed': 'The file does not say how its characters are written; it was read as {encoding}. Check names with special letters.',
  'column-not-kept': 'The column “{field}” only meant something to the program that wrote the file and was not kept.',

  'empty-row': 'The row is empty.',
  'malformed-row': 'The row cannot be read: its quotation marks or its number of columns are wrong.',
  'too-long': '“{field}” is longer than {max} characters. Nothing was cut off; shorten it in the file and import the row again.',
  'too-many-fields': 'The item has more than {max} fields.',
  'item-too-large': 'The item is larger than {limitBytes} bytes in all.',
  'duplicate-in-file': 'The row says exactly the same as row {firstRow}.',
  'deleted-in-source': 'The item was in the bin of the program that wrote the file.',
} as const
