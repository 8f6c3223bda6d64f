/**
 * What the server writes to people by SMS and mail (F8, F9). No secrets but the code itself, no links: whoever learns to follow links in such
 * messages learns it for everybody who sends them. Plain functions of a language, because a server speaks to many people at once.
 */
type Params = Readonly<Record<string, string | number>>

interface Words {
  readonly subject: string
  readonly text: string
}

const place = (params: Params, unknown: string): string =>
  params['place'] === undefined || params['place'] === '' ? unknown : `${params['place']}`

const classes = {
  en: { cli: 'a command line', web: 'a browser (web app)', extension: 'a browser extension' },
  nb: { cli: 'en kommandolinje', web: 'en nettleser (nettappen)', extension: 'en nettleserutvidelse' },
} as const

function deviceKind(language: 'en' | 'nb', params: Params): string {
  const known: Readonly<Record<string, string>> = classes[language]
  return known[`${params['class']}`] ?? (language === 'en' ? 'a device' : 'en enhet')
}

function time(language: 'en' | 'nb', value: string | number | undefined): string {
  if (typeof value !== 'number') return ''
  const format = { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' } as const
  return `${new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'nb-NO', format).format(value)} UTC`
}

const notYouEn =
  'If that was not you, open the keychain on one of your devices, look at the list of devices and change the password of the account.'
const notYouNb =
  'Hvis det ikke var du, åpner du nøkkelringen på en av enhetene dine, ser over listen over enheter og endrer passordet til kontoen.'

type Make = (params: Params) => Words

const en = {
  'new-sign-in': (p) => ({
    subject: 'A new device signed in',
    text: `A device that is not trusted yet signed in with the password of your account: ${deviceKind('en', p)}, from ${place(p, 'an unknown place')}. It sees nothing of the keychain. ${notYouEn}`,
  }),
  'recovery-verified': (p) => ({
    subject: 'A verification code was used to recover',
    text: `Somebody with the password of your account typed a right verification code on ${deviceKind('en', p)}, from ${place(p, 'an unknown place')}, and may now try the passcode or security code there. ${notYouEn}`,
  }),
  'number-changed': (p) => ({
    subject: 'The verification number was changed',
    text: `The verification number of your account now ends in ${p['lastDigits']}. ${notYouEn}`,
  }),
  'number-added': (p) => ({
    subject: 'A trusted number was added',
    text: `A telephone number that ends in ${p['lastDigits']} was added to the trusted numbers of your account. Codes can go to it. ${notYouEn}`,
  }),
  'number-removed': (p) => ({
    subject: 'A trusted number was removed',
    text: `The telephone number that ends in ${p['lastDigits']} is no longer a trusted number of your account. ${notYouEn}`,
  }),
  'password-changed': () => ({
    subject: 'The password of your account was changed',
    text: `The password of your account was changed on one of your devices. The others have to sign in again with the new one. ${notYouEn}`,
  }),
  'two-factor-on': () => ({ subject: 'Two factors are on', text: `Two-factor authentication was turned on for your account. ${notYouEn}` }),
  'two-factor-off': () => ({
    subject: 'Two factors are off',
    text: `Two-factor authentication was turned off for your account. ${notYouEn}`,
  }),
  'policy-changed': () => ({
    subject: 'What browsers may do with your keychain was changed',
    text: `One of your devices changed what the web app and the browser extension may do with your keychain. Your devices show what holds now. ${notYouEn}`,
  }),
  'support-opened': () => ({
    subject: 'The support opened a case about your verification number',
    text: 'Somebody has asked the support to re-open the verification number of your account, and one operator has opened a case. Nothing happens before a second operator agrees. If that was not you, stop it on any trusted device: Verification number, Stop.',
  }),
  'support-waiting': (p) => ({
    subject: 'Your verification number will be re-opened',
    text: `Two operators agreed to re-open the verification number of your account. It opens on ${time('en', p['dueMs'])}; until then, any trusted device can stop it. The support cannot see anything of your keychain.`,
  }),
  'support-open': () => ({
    subject: 'Your verification number is open',
    text: 'The verification number of your account can now be changed, for seven days, to the number that was named to the support, by somebody who has the password.',
  }),
  'support-stopped': () => ({
    subject: 'The support’s case was stopped',
    text: 'The case about the verification number of your account was stopped. The number stays as it is.',
  }),
  'device-added': () => ({
    subject: 'A new device was approved',
    text: `A device was let into your keychain by one of your trusted devices. ${notYouEn}`,
  }),
  'device-recovered': (p) => ({
    subject: 'A device was recovered',
    text: `A device came back into your keychain by itself, with a code or the recovery key, from ${place(p, 'an unknown place')}. ${notYouEn}`,
  }),
  'code-changed': () => ({
    subject: 'A new security code or recovery key',
    text: `A security code or recovery key of your keychain was set or changed. ${notYouEn}`,
  }),
  'keychain-reset': () => ({
    subject: 'The keychain was reset',
    text: `The keychain of your account was replaced by a new one. Your other devices keep their copies and must join anew. ${notYouEn}`,
  }),
} satisfies Readonly<Record<string, Make>>

export type ServerNewsKind = keyof typeof en

const nb: Readonly<Record<ServerNewsKind, Make>> = {
  'new-sign-in': (p) => ({
    subject: 'En ny enhet logget på',
    text: `En enhet som ikke er godkjent ennå, logget på med passordet til kontoen din: ${deviceKind('nb', p)}, fra ${place(p, 'et ukjent sted')}. Den ser ingenting av nøkkelringen. ${notYouNb}`,
  }),
  'recovery-verified': (p) => ({
    subject: 'En verifiseringskode ble brukt til gjenoppretting',
    text: `Noen med passordet til kontoen din skrev inn riktig verifiseringskode på ${deviceKind('nb', p)}, fra ${place(p, 'et ukjent sted')}, og kan nå prøve koden til en enhet eller sikkerhetskoden der. ${notYouNb}`,
  }),
  'number-changed': (p) => ({
    subject: 'Verifiseringsnummeret ble endret',
    text: `Verifiseringsnummeret til kontoen din slutter nå på ${p['lastDigits']}. ${notYouNb}`,
  }),
  'number-added': (p) => ({
    subject: 'Et godkjent telefonnummer ble lagt til',
    text: `Et telefonnummer som slutter på ${p['lastDigits']}, er lagt til blant de godkjente numrene til kontoen din. Det kan få koder. ${notYouNb}`,
  }),
  'number-removed': (p) => ({
    subject: 'Et godkjent telefonnummer ble fjernet',
    text: `Telefonnummeret som slutter på ${p['lastDigits']}, er ikke lenger et godkjent nummer for kontoen din. ${notYouNb}`,
  }),
  'password-changed': () => ({
    subject: 'Passordet til kontoen din ble endret',
    text: `Passordet til kontoen din ble endret på en av enhetene dine. De andre må logge på igjen med det nye. ${notYouNb}`,
  }),
  'two-factor-on': () => ({ subject: 'Tofaktor er på', text: `Tofaktorautentisering ble slått på for kontoen din. ${notYouNb}` }),
  'two-factor-off': () => ({ subject: 'Tofaktor er av', text: `Tofaktorautentisering ble slått av for kontoen din. ${notYouNb}` }),
  'policy-changed': () => ({
    subject: 'Hva nettlesere får gjøre med nøkkelringen din, ble endret',
    text: `En av enhetene dine endret hva nettappen og nettleserutvidelsen får gjøre med nøkkelringen din. Enhetene dine viser hva som gjelder nå. ${notYouNb}`,
  }),
  'support-opened': () => ({
    subject: 'Brukerstøtten åpnet en sak om verifiseringsnummeret ditt',
    text: 'Noen har bedt brukerstøtten om å åpne verifiseringsnummeret til kontoen din, og én operatør har åpnet en sak. Ingenting skjer før en operatør til er enig. Hvis det ikke var du, stopper du den på en godkjent enhet: Verifiseringsnummer, Stopp.',
  }),
  'support-waiting': (p) => ({
    subject: 'Verifiseringsnummeret ditt blir åpnet',
    text: `To operatører er enige om å åpne verifiseringsnummeret til kontoen din. Det åpnes ${time('nb', p['dueMs'])}; til da kan en hvilken som helst godkjent enhet stoppe det. Brukerstøtten ser ingenting av nøkkelringen din.`,
  }),
  'support-open': () => ({
    subject: 'Verifiseringsnummeret ditt er åpent',
    text: 'Verifiseringsnummeret til kontoen din kan nå endres, i sju dager, til nummeret som ble oppgitt til brukerstøtten, av noen som har passordet.',
  }),
  'support-stopped': () => ({
    subject: 'Saken hos brukerstøtten ble stoppet',
    text: 'Saken om verifiseringsnummeret til kontoen din ble stoppet. Nummeret er som før.',
  }),
  'device-added': () => ({
    subject: 'En ny enhet ble godkjent',
    text: `En enhet ble sluppet inn i nøkkelringen din av en av de godkjente enhetene dine. ${notYouNb}`,
  }),
  'device-recovered': (p) => ({
    subject: 'En enhet ble gjenopprettet',
    text: `En enhet kom tilbake til nøkkelringen din på egen hånd, med en kode eller gjenopprettingsnøkkelen, fra ${place(p, 'et ukjent sted')}. ${notYouNb}`,
  }),
  'code-changed': () => ({
    subject: 'Ny sikkerhetskode eller gjenopprettingsnøkkel',
    text: `En sikkerhetskode eller gjenopprettingsnøkkel til nøkkelringen din ble valgt eller endret. ${notYouNb}`,
  }),
  'keychain-reset': () => ({
    subject: 'Nøkkelringen ble nullstilt',
    text: `Nøkkelringen til kontoen din ble erstattet av en ny. De andre enhetene dine beholder kopiene sine og må bli med på nytt. ${notYouNb}`,
  }),
}

/** `text` for a mail; `short` for an SMS. */
export function newsText(
  language: 'nb' | 'en',
  kind: ServerNewsKind,
  params: Params,
  serverName: string,
): { readonly subject: string; readonly text: string; readonly short: string } {
  const { subject, text } = (language === 'nb' ? nb : en)[kind](params)
  const end =
    language === 'nb'
      ? `Sendt av ${serverName}. Du blir aldri bedt om koder eller passord i en e-post.`
      : `Sent by ${serverName}. You are never asked for codes or passwords in a mail.`
  return { subject: `Nøkkelring: ${subject}`, text: `${text}\n\n--\n${end}\n`, short: `Nøkkelring (${serverName}): ${subject}.` }
}

/** The words of an SMS before the line that names the host and the code for browsers (the `@host #code` form). */
export function smsCodeText(language: 'nb' | 'en', code: string): string {
  return language === 'nb'
    ? `${code} er verifiseringskoden din for Nøkkelring. Ikke gi den til noen.`
    : `${code} is your Nøkkelring verification code. Do not give it to anybody.`
}
