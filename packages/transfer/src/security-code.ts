/**
 * Recognises a card's security code by the name of its field (E5: it is never stored, not from imports either). It looks at names
 * and at the shape of a value; it keeps neither.
 */

/** Names that mean nothing else. */
const certain = /^(?:card )?(?:cvv|cvc|cvn|csc|cvd|cav)2?(?: ?(?:code|number|no|kode|nummer))?$/

/** Names that mean it on a card, whatever they mean elsewhere. */
const onCard =
  /(?:^| )(?:cvv|cvc|cvn|csc|cvd|cav|cid)2?(?: |$|kode|nummer|code)|security code|security number|card code|verification (?:code|number|value)|sikkerhe[td]skode|kontroll?(?:kode|sif|nummer)|säkerhetskod|turvakoodi|prüf(?:nummer|ziffer|zahl)|kartenprüf|sicherheitscode|code de sécurité|cryptogramme|código de seguridad|codice di sicurezza/

/** 1Password's Mac columns look like `verification number(cvv)`. */
function plain(label: string): string {
  return label
    .normalize('NFKC')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

export function isSecurityCode(label: string, value: string, isCard: boolean): boolean {
  const name = plain(label)
  if (isCard) return certain.test(name) || onCard.test(name)
  return certain.test(name) && /^\s*\d{3,4}\s*$/.test(value)
}

const inText = /\b(cvv2?|cvc2?|csc|sikkerhetskode|security code|verification (?:code|number))(\s{0,4}[:=#-]?\s{0,4})\d{3,4}\b/giu

/** The free text of a card with every security code in it masked. */
export function maskSecurityCodes(text: string): string {
  return text.replace(inText, (_, label: string, between: string) => `${label}${between}•••`)
}
