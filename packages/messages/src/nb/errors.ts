/** Every error code in bokmål; mirrors en/errors.ts. Terms: see the glossary in labels.ts beside this file. */
import type { Mirror } from '../catalogue.ts'
import type { errorsEn } from '../en/errors.ts'

export const errorsNb: Mirror<typeof errorsEn> = {
  usage: {
    message: 'Det lot seg ikke forstå.',
    hint: 'Kontroller det du skrev.',
    reasons: {
      'unknown-command': 'Kommandoen «{command}» finnes ikke.',
      'unknown-option': '«{option}» er ikke et valg her.',
      'missing-argument': '{argument} mangler.',
      'missing-option': '{option} mangler.',
      'too-many-arguments': 'Det er for mange ord etter «{command}».',
      'option-needs-value': '{option} trenger en verdi.',
      'option-takes-no-value': '{option} tar ingen verdi.',
      'invalid-value': 'Verdien til {option} må være {expected}.',
      'not-together': '{option} og {other} kan ikke brukes sammen.',
      'stdin-twice': 'Bare én verdi kan leses fra standard inn.',
      'needs-choice': 'Velg {option} eller {other}.',
      'nothing-to-change': 'Det er ingenting å endre.',
      'not-editable': '{fieldName} kan ikke settes for hånd.',
    },
  },
  malformed: {
    message: ['Dette er ikke gyldig: {what}.', 'Dataene er ikke gyldige.'],
    hint: 'Kontroller det som ble oppgitt. Hvis det kom fra serveren, oppdaterer du appen og prøver igjen.',
    reasons: {
      site: 'Dette er ikke adressen til et nettsted.',
      id: 'Dette er ikke en gyldig ID.',
      totp: 'Dette er ikke en nøkkel for verifiseringskoder.',
      response: 'Svaret kom ikke fra Nøkkelring, eller denne versjonen kjenner det ikke.',
      base64url: 'Verdien er ikke gyldig base64url.',
    },
    hints: {
      response:
        'På hoteller og tog svarer nettverket i stedet for serveren til du har logget på det: åpne en nettside først. Ellers kontrollerer du adressen til serveren og oppdaterer appen.',
    },
  },
  'too-large': {
    message: ['{fieldName} er for langt.', 'Dette er større enn {size}.', 'Dette er for stort.'],
    hint: 'Gjør det mindre og prøv igjen. Ingenting er kuttet eller lagret.',
  },
  'not-found': {
    message: ['Fant ikke «{name}».', 'Det ble ikke funnet.'],
    hint: 'Kontroller navnet eller ID-en. Det kan være slettet på en annen enhet.',
  },
  ambiguous: {
    message: ['«{name}» passer på {count} forskjellige.', 'Navnet passer på flere.'],
    hint: 'Bruk ID-en, eller mer av den.',
  },
  'field-unknown': {
    message: ['Feltet «{field}» finnes ikke her.', 'Et slikt felt finnes ikke her.'],
    hint: 'Velg et av feltene for denne typen, eller lag et egendefinert felt: custom:NAVN.',
  },
  'secret-in-argument': {
    message: ['{option} ville lagt en hemmelighet på kommandolinjen.', 'En hemmelighet må ikke stå på kommandolinjen.'],
    hint: 'Andre på denne maskinen kan se kommandolinjer, og skallet tar vare på dem. Ingenting er lagret; er hemmeligheten ekte, bør du bytte den.',
  },
  'format-unknown': {
    message: 'Filens format ble ikke gjenkjent.',
    hint: 'Eksporter på nytt som CSV eller JSON uten passord, eller oppgi formatet selv.',
  },
  'import-encrypted': {
    message: 'Filen er kryptert.',
    hint: 'Eksporter på nytt uten kryptering, importer den filen, og slett den etterpå.',
  },
  'import-too-many-rows': {
    message: ['Filen har mer enn {limit} rader.', 'Filen har for mange rader.'],
    hint: 'Del den i flere filer.',
  },
  'weak-passcode': {
    message: 'Denne koden er for lett å gjette.',
    hint: 'Bruk minst seks tegn som ikke er en rekke, en gjentakelse eller et vanlig ord.',
    reasons: {
      'too-short': 'Koden er for kort.',
      'one-character': 'Koden gjentar ett tegn.',
      run: 'Koden er en rekke, som 123456.',
      repeated: 'Koden gjentar de samme få tegnene.',
      common: 'Denne koden er blant de aller vanligste.',
      'too-long': 'Koden er for lang.',
    },
  },
  'weak-security-code': {
    message: 'Denne sikkerhetskoden er for lett å gjette.',
    hint: 'Bruk seks sifre uten mønster, en lengre kode du velger selv, eller la enheten lage en.',
    reasons: {
      'too-short': 'Sikkerhetskoden er for kort.',
      'too-long': 'Sikkerhetskoden er for lang. Av bare sifre har den seks; en lengre er av typen «own».',
      'not-digits': 'Denne sikkerhetskoden har bare sifre.',
      'one-character': 'Sikkerhetskoden gjentar ett tegn.',
      run: 'Sikkerhetskoden er en rekke, som 123456.',
      pairs: 'Sikkerhetskoden er satt sammen av par, som 112233.',
      repeated: 'Sikkerhetskoden gjentar de samme få tegnene.',
      common: 'Denne sikkerhetskoden er blant de første noen prøver.',
      'too-simple': 'Sikkerhetskoden har for få ulike tegn for lengden.',
    },
  },
  'weak-password': {
    message: 'Dette passordet er for lett å gjette.',
    hint: 'Bruk minst ti tegn som ikke er en rekke, en gjentakelse eller et vanlig ord.',
    reasons: {
      'too-short': 'Passordet er for kort.',
      'one-character': 'Passordet gjentar ett tegn.',
      run: 'Passordet er en rekke, som 1234567890.',
      repeated: 'Passordet gjentar de samme få tegnene.',
      common: 'Dette passordet er blant de aller vanligste.',
      'too-long': 'Passordet er for langt.',
    },
  },
  'email-invalid': { message: 'Dette er ikke en gyldig e-postadresse.', hint: 'Skriv den som navn@example.org.' },
  'server-url-invalid': {
    message: 'Dette er ikke en gyldig serveradresse.',
    hint: 'Skriv den med https://, for eksempel https://keys.example.org. Bare denne maskinen selv kan nås uten kryptering (http).',
    reasons: {
      scheme: 'Forbindelsen til serveren må være kryptert (https).',
      parts: 'En serveradresse slutter etter navnet og porten.',
    },
  },
  'phone-invalid': { message: 'Dette er ikke et gyldig telefonnummer.', hint: 'Skriv det med landskode, for eksempel +4722334455.' },
  'region-invalid': {
    message: 'Dette er ikke et gyldig land eller en gyldig region.',
    hint: 'Bruk koden på to bokstaver, for eksempel NO.',
  },
  'config-invalid': {
    message: ['Konfigurasjonen er ikke gyldig: {what}.', 'Konfigurasjonen er ikke gyldig.'],
    hint: 'Rett den og start på nytt.',
  },

  'sign-in-failed': {
    message: 'E-postadressen eller passordet er feil.',
    hint: 'Kontroller begge og prøv igjen. Det er passordet til kontoen som gjelder, ikke koden på en enhet.',
  },
  'passcode-wrong': {
    message: 'Koden er feil.',
    hint: 'Det er koden på denne enheten som gjelder, ikke passordet til kontoen.',
  },
  'passcode-throttled': {
    message: ['Feil kode for mange ganger. Vent {wait}.', 'Feil kode for mange ganger.'],
    hint: 'Vent, og prøv igjen. Ingenting er tapt.',
  },
  'authenticator-wrong': {
    message: 'Enhetens egen lås åpnet ikke nøkkelringen.',
    hint: 'Bruk koden. Skjer det igjen, kan du slå enhetens lås av og på i innstillingene.',
  },
  'authenticator-missing': {
    message: 'Denne nettleseren eller enheten kan ikke åpne nøkkelringen med sin egen lås.',
    hint: 'Bruk koden i stedet.',
  },
  'push-unavailable': {
    message: 'Nettleseren tillater ikke varsler mens appen er lukket.',
    hint: 'Tillat varsler for denne adressen i nettleseren. Alt vises uansett i appen.',
  },
  'proof-needed': {
    message: 'Vis at det er deg først.',
    hint: 'Skriv koden på denne enheten, eller bruk enhetens egen lås.',
  },
  'code-wrong': {
    message: ['Godkjenningskoden er feil. {attemptsLeft} forsøk igjen.', 'Godkjenningskoden er feil.'],
    hint: 'Les de seks sifrene på den nye enheten én gang til. De gjelder bare for én forespørsel.',
  },
  'recovery-code-wrong': {
    message: [
      'Koden er feil. Forsøk igjen: {attemptsLeft}. Vent {wait} før det neste.',
      'Koden er feil. Forsøk igjen: {attemptsLeft}.',
      'Koden er feil.',
    ],
    hint: 'Etter det siste forsøket ødelegges denne veien tilbake, for alle. Er det koden på riktig enhet?',
  },
  'verification-code-wrong': {
    message: 'Verifiseringskoden er feil, eller ikke gyldig lenger.',
    hint: 'En kode virker én gang, i ti minutter, til det den ble bedt om, på enheten som ba om den. Be om en ny etter tre feil forsøk.',
  },
  'escrow-refused': {
    message: 'Gjenopprettingstjenesten godtok ikke dette.',
    hint: 'Logg på igjen og start gjenopprettingen på nytt.',
  },
  'open-failed': { message: 'Dataene kunne ikke åpnes.', hint: 'De er laget med en annen nøkkel, eller de er skadet.' },
  'signature-invalid': {
    message: 'En signatur er ikke gyldig.',
    hint: 'Kontroller klokken på denne enheten, oppdater appen og prøv igjen.',
  },

  locked: { message: 'Nøkkelringen er låst på denne enheten.', hint: 'Lås den opp med koden på denne enheten.' },

  'not-signed-in': { message: 'Denne enheten er ikke logget på.', hint: 'Logg på eller opprett en konto først.' },
  'not-trusted': {
    message: 'Denne enheten er ikke klarert ennå.',
    hint: 'Be om godkjenning, og skriv inn godkjenningskoden på en enhet som er klarert.',
  },
  'device-removed': {
    message: ['Denne enheten ble fjernet fra nøkkelringen av {by}.', 'Denne enheten ble fjernet fra nøkkelringen.'],
    hint: 'Den kan be om å bli med igjen, hvis du vil det.',
  },
  'session-invalid': { message: 'Påloggingen gjelder ikke lenger.', hint: 'Logg på igjen. Det som er lagret på enheten, blir værende.' },
  'session-pending': {
    message: 'Passordet alene åpner ikke nøkkelringen.',
    hint: 'Be om godkjenning, og skriv inn godkjenningskoden på en enhet som er klarert.',
  },
  'keychain-ended': {
    message: 'Nøkkelringen ble nullstilt.',
    hint: 'Bli med i den nye. Kopien på denne enheten blir værende til du bestemmer deg.',
  },
  'keychain-off': { message: 'Nøkkelringen er slått av på denne enheten.', hint: 'Slå den på for å bruke den her.' },

  offline: {
    message: 'Det er ingen forbindelse til serveren.',
    hint: 'Kontroller nettverket og serveradressen. Det som er på enheten, kan brukes, og endringer sendes senere.',
  },
  timeout: { message: 'Svaret tok for lang tid.', hint: 'Prøv igjen om litt.' },
  'realms-unavailable': {
    message: 'For få gjenopprettingstjenester svarer.',
    hint: 'Ingen forsøk ble brukt på det som ikke kunne lykkes. Prøv igjen senere.',
    reasons: { none: 'Denne serveren tilbyr ikke gjenoppretting med kode.' },
  },
  'server-unavailable': {
    message: 'Serveren kan ikke svare akkurat nå.',
    hint: 'Se på systemstatus og prøv igjen senere. Endringer venter på denne enheten.',
    hints: {
      response:
        'På hoteller og tog svarer nettverket i stedet for serveren til du har logget på det: åpne en nettside først. Ellers ser du på systemstatus og prøver igjen senere. Endringer venter på denne enheten.',
    },
  },

  'account-exists': { message: 'Det finnes allerede en konto med denne e-postadressen.', hint: 'Logg på i stedet.' },
  'registration-closed': { message: 'Denne serveren tar ikke imot nye kontoer.', hint: 'Spør den som driver den.' },
  'rate-limited': {
    message: ['For mange forsøk. Vent {wait}.', 'For mange forsøk på kort tid.'],
    hint: 'Vent, og prøv igjen.',
  },
  'quota-exceeded': {
    message: 'Plassen til kontoen er brukt opp.',
    hint: 'Slett det du ikke trenger lenger, eller be den som driver serveren om mer.',
  },
  'client-too-old': {
    message: ['Denne appen er for gammel for serveren, som krever {minimum} eller nyere.', 'Denne appen er for gammel for serveren.'],
    hint: 'Oppdater den. Inntil da kan alt på enheten brukes; endringer blir tatt vare på og sendt etterpå.',
  },
  'server-too-old': { message: 'Serveren er for gammel for denne appen.', hint: 'Be den som driver serveren, om å oppdatere den.' },
  'region-unavailable': {
    message: [
      'Denne serveren tilbyr ikke Nøkkelring i {regionName}.',
      'Denne serveren tilbyr ikke Nøkkelring i dette landet eller denne regionen.',
    ],
    hint: 'Det som allerede er på enheten, kan brukes. Synkroniseringen er satt på pause.',
  },
  'clock-skew': {
    message: ['Klokken på denne enheten går {skew} feil.', 'Klokken på denne enheten går feil.'],
    hint: 'Still dato og klokkeslett, helst automatisk, og prøv igjen.',
  },
  'last-device': {
    message: 'Dette er den siste enheten der nøkkelringen er slått på.',
    hint: 'Hvis den også slettes her, kan ingen hente den tilbake.',
  },
  'device-limit': {
    message: ['Det er allerede {limit} enheter.', 'Det er for mange enheter.'],
    hint: 'Fjern en som du ikke bruker lenger.',
  },
  'already-signed-in': {
    message: 'Denne enheten er allerede logget på.',
    hint: 'Logg av først, eller bruk en annen mappe for en annen konto.',
  },
  'already-on': { message: 'Nøkkelringen er allerede slått på her.', hint: 'Det er ingenting å gjøre.' },
  'already-trusted': {
    message: 'Denne enheten er allerede klarert.',
    hint: 'Det er ingenting å gjøre.',
    reasons: { 'sign-out': 'En klarert enhet kan ikke bare logges av: den ville bli stående blant de klarerte for alltid.' },
  },
  'other-account-copy': {
    message: 'Denne enheten har fortsatt en kopi av en annen nøkkelring.',
    hint: 'Si om den skal inn i den nye nøkkelringen eller bort, eller bruk en annen mappe.',
  },
  'recovery-key-invalid': {
    message: 'Gjenopprettingsnøkkelen er ikke skrevet slik den ble gitt.',
    hint: 'Sammenlign med papiret, tegn for tegn. Ingen forsøk er brukt.',
    reasons: {
      character: 'Tegn {at} kan ikke stå i en gjenopprettingsnøkkel.',
      length: 'En gjenopprettingsnøkkel har 28 tegn; denne har {length}.',
      checksum: 'Et tegn i gjenopprettingsnøkkelen er feil, eller to har byttet plass.',
    },
  },
  'recovery-key-exists': {
    message: 'Det finnes allerede en gjenopprettingsnøkkel.',
    hint: 'Erstatt den, så blir den gamle verdiløs, eller behold den.',
  },
  'recovery-key-unknown': {
    message: 'Denne gjenopprettingsnøkkelen åpner ikke denne kontoen.',
    hint: 'Den kan høre til en annen konto, eller være erstattet eller trukket tilbake.',
  },
  'recovery-stale': {
    message: 'Nøklene er nettopp fornyet, og veien tilbake er ikke lagt klar med dem ennå.',
    hint: 'Prøv igjen når en av enhetene har vært på nett.',
  },
  'recovery-unknown': {
    message: 'Det finnes ingen slik vei tilbake.',
    hint: 'Velg en annen vei tilbake, eller få enheten godkjent av en annen.',
  },
  'recovery-wait': {
    message: ['Feil kode for mange ganger. Vent {wait}; {attemptsLeft} forsøk igjen.', 'Feil kode for mange ganger.'],
    hint: 'Vent, og prøv igjen. En annen enhet kan godkjenne denne imens.',
  },
  'recovery-burned': {
    message: 'Koden var feil for mange ganger. Denne veien tilbake er ødelagt, for alle.',
    hint: 'Få enheten godkjent av en annen, bruk gjenopprettingsnøkkelen, eller nullstill nøkkelringen. En klarert enhet kan velge en ny kode.',
  },
  'recovery-locked': {
    message: 'Denne veien tilbake er låst.',
    hint: 'Gjenopprettingstjenesten ble hentet tilbake fra en eldre tilstand, eller en klarert enhet har låst den. En klarert enhet kan velge en ny kode.',
  },
  'realms-changed': {
    message: 'Serveren oppgir andre gjenopprettingstjenester enn før, signert av andre.',
    hint: 'Spør den som driver serveren. Vet de om endringen, godtar du den under Veier tilbake («nokkel realms accept»).',
  },
  'verification-needed': {
    message: 'Det trengs en verifiseringskode først.',
    hint: 'Få en sendt til nummeret ditt, eller vist på en klarert enhet, og skriv den her.',
  },
  'password-needed': {
    message: 'Kontoens passord trengs én gang til.',
    hint: 'Logg på igjen på denne enheten.',
  },
  'two-factor-on': {
    message: 'Når tofaktorautentisering er på, finnes det ingen sikkerhetskode.',
    hint: 'En ny enhet kommer tilbake med koden på en av enhetene dine. Det er ingenting å velge.',
  },
  'two-factor-off': {
    message: 'Tofaktorautentisering er av.',
    hint: 'Da har nøkkelringen en sikkerhetskode i stedet. Velg den under Veier tilbake («nokkel security-code set»).',
  },
  'qr-invalid': {
    message: 'Dette er ikke QR-koden til en enhet som venter på godkjenning.',
    hint: 'Skann den som den nye enheten viser, eller skriv inn de seks sifrene.',
  },
  'qr-outdated': {
    message: 'Denne QR-koden vises ikke lenger, eller hører til en annen forespørsel.',
    hint: 'La den nye enheten vise en ny, eller skriv inn de seks sifrene.',
  },
  'policy-forbids': {
    message: 'Denne enheten får ikke endre hvem som har nøkkelringen, eller hvordan man får den tilbake.',
    hint: 'Gjør det på en enhet som ikke er begrenset. Hva nettlesere får gjøre, bestemmes med «nokkel policy set» eller under Enheter.',
  },
  'number-missing': {
    message: 'Kontoen har ikke noe verifiseringsnummer.',
    hint: 'Velg et på en godkjent enhet.',
  },
  'number-limit': { message: 'Det er ikke plass til flere numre.', hint: 'Fjern et av de andre først.' },
  'turn-off-first': { message: 'Nøkkelringen er slått på her.', hint: 'Slå den av på denne enheten først.' },
  'cannot-remove-self': { message: 'En enhet kan ikke fjerne seg selv.', hint: 'Slå av nøkkelringen her i stedet.' },
  'method-not-allowed': { message: 'Serveren gjør ikke dette.', hint: 'Oppdater appen eller serveren.' },

  'request-not-found': {
    message: 'Forespørselen finnes ikke.',
    hint: 'Den kan være besvart eller trukket tilbake. Se på listen over forespørsler.',
  },
  'request-expired': { message: 'Forespørselen er utløpt.', hint: 'Be om godkjenning på nytt på den nye enheten.' },
  'request-declined': {
    message: ['{by} avviste forespørselen.', 'Forespørselen ble avvist.'],
    hint: 'Hvis det var en feil, ber du om godkjenning på nytt.',
  },
  'applicant-offline': {
    message: 'Den nye enheten svarer ikke.',
    hint: 'La den være på, tilkoblet og låst opp, og skriv inn godkjenningskoden igjen. Dette telte ikke som et forsøk.',
  },
  'code-attempts-used': {
    message: 'Godkjenningskoden er skrevet inn feil for mange ganger.',
    hint: 'Be om godkjenning på nytt på den nye enheten; den viser en ny kode.',
  },
  'join-failed': { message: 'Godkjenningen kunne ikke fullføres.', hint: 'Prøv igjen. Skjer det på nytt, kan noen ha stilt seg imellom.' },

  'circle-forked': {
    message: 'Serveren viser ulike enheter ulike lister over klarerte enheter.',
    hint: 'Ingenting mer blir sendt. Sammenlign enhetene, og ikke stol på serveren før den som driver den, har forklart det.',
  },
  'circle-rolled-back': {
    message: 'Serveren viser en eldre liste over klarerte enheter enn den denne enheten allerede har sett.',
    hint: 'Ingenting mer blir sendt. Serveren kan være gjenopprettet fra en sikkerhetskopi; spør den som driver den.',
  },
  'circle-invalid': {
    message: ['Listen over klarerte enheter bryter sine egne regler ({rule}).', 'Listen over klarerte enheter bryter sine egne regler.'],
    hint: 'Ingenting av den blir brukt. Spør den som driver serveren, og ta vare på dataene på denne enheten.',
  },
  'circle-mismatch': {
    message: 'Nøkkelringen som serveren viser, hører ikke til denne kontoen.',
    hint: 'Ikke gå videre. Kontroller serveradressen, og godkjenn bare fra en klarert enhet.',
  },
  'record-withheld': {
    message: 'Serveren holder tilbake noe som en annen enhet har sendt.',
    hint: 'Det som er her, blir værende. Spør den som driver serveren; andre enheter har det fortsatt.',
  },
  'record-forged': {
    message: 'Serveren sendte noe som ingen av enhetene dine har skrevet.',
    hint: 'Det ble ikke brukt. Spør den som driver serveren.',
  },
  'batch-gap': {
    message: 'Det mangler endringer i det serveren sendte.',
    hint: 'Ingenting av det ble brukt. Prøv igjen; vedvarer det, spør du den som driver serveren.',
  },
  'batch-equivocation': {
    message: 'Den samme endringen finnes i to ulike utgaver.',
    hint: 'En enhet kan være kopiert eller gjenopprettet fra en sikkerhetskopi. Fjern den, og la den bli med på nytt.',
  },
  'state-diverged': {
    message: 'Denne enheten og en annen ser ikke den samme nøkkelringen.',
    hint: 'Ingenting er tapt. Synkroniser begge; vedvarer det, spør du den som driver serveren.',
  },
  'log-rolled-back': {
    message: 'Serveren viser en eldre tilstand av nøkkelringen enn den denne enheten allerede har sett.',
    hint: 'Det som er her, blir værende, og ingenting mer blir sendt. Serveren kan være gjenopprettet fra en sikkerhetskopi; spør den som driver den.',
  },
  'update-needed': {
    message: 'En nyere app har skrevet noe som denne ikke forstår.',
    hint: 'Oppdater appen. Inntil da blir ingenting av det endret.',
  },
  'share-invalid': {
    message: 'Nøkkelen som serveren overleverte til denne enheten, er ikke gyldig.',
    hint: 'Den ble ikke brukt. Synkroniser en annen klarert enhet, og deretter denne.',
  },

  conflict: { message: 'Noe annet ble endret i samme øyeblikk.', hint: 'Prøv igjen.' },
  'circle-moved': { message: 'Listen over klarerte enheter ble endret i samme øyeblikk.', hint: 'Prøv igjen.' },
  'epoch-old': { message: 'Nøklene ble fornyet i samme øyeblikk.', hint: 'Prøv igjen.' },
  'cursor-gone': { message: 'Loggen på serveren begynner på nytt.', hint: 'Synkroniser igjen; denne enheten sender det serveren mangler.' },
  busy: { message: 'Serveren er opptatt.', hint: 'Prøv igjen om litt.' },

  'disk-full': { message: 'Disken er full.', hint: 'Frigjør plass og prøv igjen. Det som var lagret fra før, er uskadd.' },
  'store-damaged': {
    message: 'Nøkkelringens fil på denne enheten er skadet.',
    hint: 'Den blir flyttet til side og hentet på nytt fra serveren. Ikke slett den gamle filen før det er gjort.',
  },
  'store-too-new': { message: 'Nøkkelringens fil er skrevet av en nyere app.', hint: 'Oppdater denne.' },
  'home-in-use': {
    message: 'Et annet program bruker denne nøkkelringmappen.',
    hint: 'Vent til det er ferdig, eller avslutt det.',
  },
  cancelled: { message: 'Avbrutt.', hint: 'Ingenting står igjen halvferdig.' },
  internal: { message: 'Noe gikk galt som ikke skal kunne gå galt.', hint: 'Meld fra om det, og skriv hva du gjorde like før.' },
  'io-failed': {
    message: ['{path} kunne ikke leses eller skrives.', 'En fil kunne ikke leses eller skrives.'],
    hint: 'Kontroller at den finnes, og at du har tilgang til den.',
  },
}
