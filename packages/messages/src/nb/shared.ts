/** What the command line and the apps with screens both say, in bokmål; mirrors en/shared.ts. */
import type { Mirror } from '../catalogue.ts'
import type { sharedEn } from '../en/shared.ts'

export const sharedNb: Mirror<typeof sharedEn> = {
  'warn.off-everywhere-delete':
    'Nøkkelringen fjernes fra serveren og fra alle enheter. Ingen kan hente den tilbake: ikke du, ikke vi, ikke den som driver serveren.',
  'warn.reset-empty': 'Nøkkelringen i skyen og objektene på denne enheten erstattes av en tom. Alle andre enheter må bli med på nytt.',
  'number.works': 'Meldingene kommer frem.',
  'number.changed': 'Verifiseringsnummeret er endret. Det slutter på {lastDigits}.',
  'number.support': 'Saken hos brukerstøtten om nummeret: {state}. {time}',
  'number.support-stopped': 'Saken hos brukerstøtten er stoppet. Nummeret er som før.',
  'two-factor.on': 'Tofaktorautentisering er på.',
  'two-factor.off': 'Tofaktorautentisering er av.',
  'recovery-key.fits': 'Det er den gjeldende gjenopprettingsnøkkelen.',
  'recovery-key.unfit': 'Det er ikke den gjeldende gjenopprettingsnøkkelen.',
  'recovery.attempts': { one: '{count} forsøk igjen.', other: '{count} forsøk igjen.' },
  'security-code.set': 'Sikkerhetskoden er satt.',
  'security-code.removed':
    'Nøkkelringen har ingen sikkerhetskode lenger. Bare godkjenning eller gjenopprettingsnøkkelen slipper en enhet inn.',
  'devices.unknown-place': 'et ukjent sted',
  'devices.name': 'Navn',
  'policy.class.web': 'Nettappen',
  'policy.class.extension': 'Nettleserutvidelsen',
  'policy.reach.full': 'får gjøre alt en enhet får',
  'policy.reach.no-membership': 'leser og skriver oppføringer; den legger ikke til og fjerner ikke enheter og endrer ingen veier tilbake',
  'policy.reach.off': 'slippes ikke inn',
  'status.server': 'Server',
  'status.connection': 'Forbindelse',
  'status.online': 'tilkoblet',
  'status.offline': 'frakoblet',
  'sync.paused': 'Synkroniseringen er satt på pause. {reason}',
  'import.format': 'Format: {format}',
  'import.added': { one: '{count} objekt lagt til.', other: '{count} objekter lagt til.' },
  'import.would-add': { one: '{count} objekt ville blitt lagt til.', other: '{count} objekter ville blitt lagt til.' },
  'import.already-there': { one: '{count} fantes fra før.', other: '{count} fantes fra før.' },
  'import.rejected': { one: '{count} rad ble ikke importert:', other: '{count} rader ble ikke importert:' },
  'import.notes': 'Merk:',
  'import.rows': { one: '{text} ({count} rad: {rows})', other: '{text} ({count} rader: {rows})' },
  'import.and-more': '{rows} …',
  'import.delete-file': 'Filen inneholder fortsatt passordene dine i klartekst. Slett den når du ikke trenger den lenger.',
  'settings.auto-lock-value': { one: '{count} minutt', other: '{count} minutter' },
}
