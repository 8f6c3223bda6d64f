/**
 * Names of things, in bokmål; mirrors en/labels.ts.
 *
 * Glossary. The words of the Norwegian article lead; where it has none, one word is chosen and kept:
 *   keychain            nøkkelring           item                 objekt
 *   device              enhet                trusted device       klarert enhet
 *   approve, approval   godkjenne, godkjenning
 *   approval code       godkjenningskode: six digits on the new device, typed on a trusted one
 *   password            passord: of the account, or stored in an item
 *   passcode            koden på enheten, koden på denne enheten; «koden» alone only where nothing else can be meant
 *   security code       sikkerhetskode: of the keychain without two factors; of a card always «kortets sikkerhetskode»
 *   verification number verifiseringsnummer  verification code    verifiseringskode (SMS or made from a stored key)
 *   to store, to save   arkivere: of the browser's offer to keep a password; «lagre» otherwise
 *   site, user name     nettsted, brukernavn
 *   passkey             passnøkkel           secure note          sikkert notat
 *   turn on, turn off   slå på, slå av       lock, unlock         låse, låse opp
 *   sign in, sign out   logge på, logge av   join                 bli med
 *   synchronise         synkronisere         restore              gjenopprette
 *   recently deleted    nylig slettet        purge                slette for godt
 *   notice              varsling             the cloud            nettskyen
 */
import type { Mirror } from '../catalogue.ts'
import type { labelsEn } from '../en/labels.ts'

export const labelsNb: Mirror<typeof labelsEn> = {
  'kind.password': 'passord',
  'kind.passkey': 'passnøkkel',
  'kind.card': 'kort',
  'kind.wifi': 'Wi-Fi',
  'kind.note': 'sikkert notat',

  'field.title': 'Tittel',
  'field.username': 'Brukernavn',
  'field.password': 'Passord',
  'field.totp': 'Nøkkel for verifiseringskoder',
  'field.code': 'Verifiseringskode',
  'field.notes': 'Notater',
  'field.favorite': 'Favoritt',
  'field.site': 'Nettsted',
  'field.sites': 'Nettsteder',
  'field.tag': 'Etikett',
  'field.tags': 'Etiketter',
  'field.custom': 'Egendefinert felt',
  'field.fields': 'Listen over felt',
  'field.rpId': 'Nettsted for passnøkkelen',
  'field.displayName': 'Visningsnavn',
  'field.userHandle': 'Bruker-ID',
  'field.credentialId': 'Passnøkkelens ID',
  'field.privateKey': 'Privat nøkkel',
  'field.cardholder': 'Navn på kortet',
  'field.number': 'Kortnummer',
  'field.expiryMonth': 'Utløpsmåned',
  'field.expiryYear': 'Utløpsår',
  'field.ssid': 'Nettverksnavn',
  'field.security': 'Sikkerhet',
  'field.hidden': 'Skjult nettverk',

  'state.empty': 'ikke logget på',
  'state.locked': 'låst',
  'state.signed-in': 'logget på, ikke klarert ennå',
  'state.trusted': 'klarert',
  'state.removed': 'fjernet fra nøkkelringen',
  'state.off': 'slått av',

  'class.cli': 'kommandolinje',
  'class.web': 'nettapp',
  'class.extension': 'nettleserutvidelse',
  'device.active': 'klarert',
  'device.removed': 'fjernet',
  'device.left': 'slått av',

  'request.pending': 'venter',
  'request.approved': 'godkjent',
  'request.declined': 'avvist',
  'request.expired': 'utløpt',

  'reason.replaced': 'erstattet',
  'reason.conflict': 'tapte for en annen enhet',

  'phase.connecting': 'Kobler til',
  'phase.waiting': 'Venter på godkjenning',
  'phase.circle': 'Kontrollerer enhetene',
  'phase.pulling': 'Henter',
  'phase.opening': 'Åpner',
  'phase.sealing': 'Krypterer',
  'phase.pushing': 'Sender',
  'phase.importing': 'Importerer',
  'phase.done': 'Ferdig',

  'disposition.keep': 'kopien på den ble beholdt',
  'disposition.delete': 'kopien på den ble slettet',

  'notice.device-added': 'En ny enhet ble godkjent: {name}, av {by}.',
  'notice.device-removed': 'En enhet ble fjernet: {name}, av {by}.',
  'notice.device-left': 'En enhet slo av nøkkelringen: {name}.',
  'notice.device-recovered':
    'En enhet kom tilbake på egen hånd, med en av kontoens veier tilbake: {name}. Var det ikke deg, så fjern den og erstatt gjenopprettingsnøkkelen.',
  'notice.recovery-added': 'En vei tilbake ble åpnet, av {by}.',
  'notice.recovery-removed': 'En vei tilbake ble stengt, av {by}.',
  'notice.recovery-attempted': 'Noen har prøvd koder for å komme inn i nøkkelringen. Forsøk igjen: {left}. Var det ikke du, bytt passord.',
  'notice.recovery-burned':
    'En vei tilbake ble ødelagt etter for mange feil koder, eller er borte ({device}). Lås opp den enheten med koden, eller velg en ny sikkerhetskode.',
  'notice.recovery-locked': 'En vei tilbake er låst ({device}). Lås opp den enheten med koden, eller velg en ny sikkerhetskode.',
  'notice.realms-changed': 'Serveren oppgir andre gjenopprettingstjenester enn før. Ingenting legges hos dem før du godtar dem.',
  'notice.keychain-reset': 'Nøkkelringen ble nullstilt. Av: {by}.',
  'notice.this-device-removed': 'Denne enheten ble fjernet, av {by}.',
  'notice.keys-rotated': 'Nøklene ble fornyet av {by}.',
  'notice.server-restored': 'Serveren ble gjenopprettet til en eldre tilstand. Denne enheten sendte det som manglet.',
  'notice.alarm': 'Serveren gjorde noe den ikke skal gjøre: {message}',
  'notice.items-quarantined': 'Skadede objekter satt til side: {count}. Alt annet virker.',
  'notice.edit-restored': '«{title}» var slettet, og ble hentet tilbake fordi det ble endret på en annen enhet.',
  'notice.database-rebuilt': 'Nøkkelringens fil var skadet. Den ble flyttet til side og hentet på nytt.',
  'notice.clock-wrong': 'Klokken på denne enheten går {minutes} minutter feil.',

  'activity.account-created': 'konto opprettet',
  'activity.sign-in': 'logget på',
  'activity.sign-in-failed': 'pålogging avvist',
  'activity.signed-out': 'logget av',
  'activity.join-requested': 'ba om godkjenning',
  'activity.join-declined': 'godkjenning avvist',
  'activity.device-added': 'enhet lagt til',
  'activity.device-removed': 'enhet fjernet',
  'activity.device-left': 'nøkkelring slått av',
  'activity.device-recovered': 'en enhet kom tilbake på egen hånd',
  'activity.circle-recovery-add': 'vei tilbake åpnet',
  'activity.circle-recovery-remove': 'vei tilbake stengt',
  'activity.circle-recover': 'en enhet kom tilbake på egen hånd',
  'activity.deletion-asked': 'sletting av kontoen bedt om',
  'activity.deletion-taken-back': 'sletting av kontoen trukket tilbake',
  'activity.keychain-reset': 'nøkkelringen nullstilt',
  'activity.keychain-off': 'nøkkelringen slått av overalt',
  'activity.keys-rotated': 'nøkler fornyet',
  'activity.circle-genesis': 'nøkkelring opprettet',
  'activity.circle-add': 'enhet godkjent',
  'activity.circle-remove': 'enhet fjernet, nøkler fornyet',
  'activity.circle-rotate': 'nøkler fornyet',
  'activity.circle-leave': 'nøkkelring slått av',
  'activity.circle-epoch-done': 'alle objekter er under de nyeste nøklene',
  'activity.circle-checkpoint': 'listen over enheter bekreftet',

  'change.item': 'endret',
  'change.circle': 'enhetene er endret',
  'change.join-request': 'ba om godkjenning',
  'change.online': 'tilkoblet',
  'change.offline': 'frakoblet',
  'change.notice': 'varsling',
}
