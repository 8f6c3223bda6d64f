/** What the browser extension says, in English, beside what it shares with the web app (web.ts). */
export const extensionEn = {
  'extension.server': 'Address of your server',
  'extension.server-about': 'For example https://keychain.example.org.',
  'extension.site-matches': 'For this site',
  'extension.others': 'All items',
  'extension.fill': 'Fill',
  'extension.copy-password': 'Copy the password',
  'extension.copy-username': 'Copy the user name',
  'extension.copy-code': 'Copy the verification code',
  'extension.fill.filled': 'Filled. Check it before you sign in.',
  'extension.fill.no-field': 'Nothing was filled: there is no visible sign-in on this page.',
  'extension.fill.other-site': 'Nothing was filled: this item is not for the site in this tab.',
  'extension.fill.insecure-page': 'Nothing was filled: the item was saved on a secure page, and this page is not encrypted.',
  'extension.requests': 'A device asks to be approved',
  'extension.auto-lock': 'Lock after',
  'extension.auto-lock-minutes': { one: '{count} minute', other: '{count} minutes' },
  'extension.language.system': 'As the browser',
} as const
