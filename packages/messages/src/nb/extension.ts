/** What the browser extension says, in bokmål; mirrors en/extension.ts. The glossary stands in labels.ts. */
import type { Mirror } from '../catalogue.ts'
import type { extensionEn } from '../en/extension.ts'

export const extensionNb: Mirror<typeof extensionEn> = {
  'extension.server': 'Adressen til serveren din',
  'extension.server-about': 'For eksempel https://keychain.example.org.',
  'extension.site-matches': 'For dette nettstedet',
  'extension.others': 'Alle objekter',
  'extension.fill': 'Fyll ut',
  'extension.copy-password': 'Kopier passordet',
  'extension.copy-username': 'Kopier brukernavnet',
  'extension.copy-code': 'Kopier verifiseringskoden',
  'extension.fill.filled': 'Fylt ut. Se over før du logger på.',
  'extension.fill.no-field': 'Ingenting ble fylt ut: det er ingen synlig pålogging på denne siden.',
  'extension.fill.other-site': 'Ingenting ble fylt ut: objektet hører ikke til nettstedet i denne fanen.',
  'extension.fill.insecure-page': 'Ingenting ble fylt ut: objektet ble arkivert på en sikker side, og denne siden er ikke kryptert.',
  'extension.requests': 'En enhet ber om å bli godkjent',
  'extension.auto-lock': 'Lås etter',
  'extension.auto-lock-minutes': { one: '{count} minutt', other: '{count} minutter' },
  'extension.language.system': 'Som nettleseren',
}
