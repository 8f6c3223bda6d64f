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
  'field.site-list': 'Listen over nettsteder',
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

  'imported.brand': 'Korttype',
  'imported.rpName': 'Navnet på nettstedet',
  'imported.uri': 'Adresse',
  'imported.expMonth': 'Utløpsmåned',
  'imported.expYear': 'Utløpsår',

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

  'sms.queued': 'på vei til SMS-tjenesten',
  'sms.sent': 'sendt, ikke levert ennå',
  'sms.delivered': 'levert',
  'sms.failed': 'ikke levert',

  'sms-reason.number-invalid': 'nummeret er ikke gyldig',
  'sms-reason.number-unreachable': 'telefonen kan ikke nås',
  'sms-reason.blocked-by-carrier': 'teleoperatøren blokkerer den',
  'sms-reason.gateway-throttled': 'SMS-tjenesten sender for mye akkurat nå',
  'sms-reason.gateway-refused': 'SMS-tjenesten avviste den',
  'sms-reason.gateway-unavailable': 'SMS-tjenesten kan ikke nås',
  'sms-reason.country-not-allowed': 'denne serveren sender ikke meldinger til det landet',
  'sms-reason.expired': 'telefonen var borte for lenge',
  'sms-reason.unknown': 'SMS-tjenesten oppgir ingen grunn',

  'support.opened': 'åpnet av én operatør',
  'support.waiting': 'venter siden en operatør til var enig',
  'support.open': 'åpent for nummeret som ble oppgitt',

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
  'notice.password-changed': 'Passordet til kontoen ble endret.',
  'notice.two-factor-on': 'Tofaktor ble slått på, av {by}.',
  'notice.two-factor-off': 'Tofaktor ble slått av, av {by}.',
  'notice.policy-changed': 'Hva nettlesere får gjøre, ble endret, av {by}.',
  'notice.number-changed': 'Verifiseringsnummeret ble endret. Det slutter nå på {lastDigits}.',
  'notice.number-added': 'Et godkjent telefonnummer ble lagt til. Det slutter på {lastDigits}.',
  'notice.number-removed': 'Det godkjente telefonnummeret som slutter på {lastDigits}, ble fjernet.',
  'notice.new-sign-in':
    'En enhet som ikke er godkjent, logget på med passordet ditt, fra {place}. Hvis det ikke var du, endrer du passordet til kontoen.',
  'notice.recovery-verified':
    'Riktig verifiseringskode ble skrevet inn på en enhet som vil gjenopprette, fra {place}. Hvis det ikke var du, endrer du passordet til kontoen.',
  'notice.support-opened':
    'Brukerstøtten har en sak om verifiseringsnummeret ditt. Hvis du ikke ba om det, stopper du det under Veier tilbake («nokkel number stop-support»).',
  'notice.support-waiting':
    'Brukerstøtten åpner verifiseringsnummeret ditt om 72 timer. Hvis du ikke ba om det, stopper du det under Veier tilbake («nokkel number stop-support»).',
  'notice.support-open': 'Verifiseringsnummeret ditt er åpent for nummeret som ble oppgitt til brukerstøtten.',
  'notice.support-stopped': 'Saken hos brukerstøtten om verifiseringsnummeret ditt ble stoppet.',
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
  'activity.code-verified': 'riktig verifiseringskode skrevet inn',
  'activity.code-shown': 'verifiseringskode vist på en enhet',
  'activity.number-changed': 'verifiseringsnummer endret',
  'activity.number-added': 'godkjent telefonnummer lagt til',
  'activity.number-removed': 'godkjent telefonnummer fjernet',
  'activity.password-changed': 'passord endret',
  'activity.two-factor-on': 'tofaktor slått på',
  'activity.two-factor-off': 'tofaktor slått av',
  'activity.policy-changed': 'hva nettlesere får gjøre, endret',
  'activity.circle-policy': 'hva nettlesere får gjøre, endret',
  'activity.support-stopped': 'saken hos brukerstøtten stoppet',
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
  'change.settings': 'innstillingene for Autoutfyll er endret',
  'change.circle': 'enhetene er endret',
  'change.join-request': 'ba om godkjenning',
  'change.online': 'tilkoblet',
  'change.offline': 'frakoblet',
  'change.paused': 'satt på pause',
  'change.notice': 'varsling',
}
