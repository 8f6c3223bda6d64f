/**
 * Words of field labels and buttons: the Nordic languages and English. Written for this engine. Lower case, without spaces and hyphens;
 * `<` and `>` ask for a word boundary at that end. Keys: labels, `none:…` for what is no field of ours, `+…` for purposes of a form,
 * `~…` for what qualifies a password.
 */
import type { WordTable } from './table.ts'

export const english: WordTable = {
  username:
    'username userid loginid loginname userlogin <user> usr> <login> accountname <uname> <usr <uid> memberid userloginid identifier signinname accountid <loginemail clientid customerid useraccount logon <usern usernameoremail usernameoremailaddress loginidoremail appleid',
  email:
    'newsletter email mailaddress emailaddress youremail <mail> emailid emailadress emailaddr mailadress useremail loginemail contactemail e_mail emailphone emailormobile emailorphone emailorusername',
  password: 'password passwd <pass> <pwd> <pwd pwd> passphrase <psw <passw userpass <pw> loginpass passcode',
  'one-time-code':
    'onetimecode onetimepassword <otp> <otp otp> <totp <2fa <mfa verificationcode verifycode authenticationcode authcode securitytoken twofactor twostep smscode sixdigit 6digit authenticatorcode confirmationcode <otc> logincode otp entercode emailcode enterthecode smspin authenticator backupcode <tan> codesent onetimepasscode onetimepin securitycodesent tfa>',
  'cc-name': 'cardholder cardholdername cardname ccname cardowner oncard onthecard oncreditcard creditcardholder',
  'cc-number': 'cardnumber ccnumber creditcardnumber cardno ccnum cardnum <pan> creditcardnum creditcard> cardno>',
  'cc-exp':
    'expirydate expirationdate expdate expiration expiry <exp> ccexp cardexpiry validthru validuntil validto mmyy mmyyyy cardexp goodthru expirationmmyy expirymmyy cardexpirydate cardexpiration cardexpirationdate expires validtill',
  'cc-exp-month':
    'expmonth expirymonth expirationmonth cardmonth ccmonth expiremonth expm> expmm expirydatemonth expmo cardexpirymonth <ccexpm cardexpmonth expirationdatemonth',
  'cc-exp-year':
    'expyear expiryyear expirationyear cardyear ccyear expireyear expy> expyy expirydateyear expyr cardexpiryyear <ccexpy cardexpyear expirationdateyear',
  'cc-csc':
    '<cvc <cvv cvc> cvv> <csc> <cvn <cid> securitycode cardsecuritycode cardverification verificationvalue cardcode cvvcode <cvd cardverificationnumber cardverificationcode cvv2 cardsecurity cccsc cccvc cccvv cardverificationvalue cardcvc cardcvv cv2 <ccv ccv>',
  'cc-type': 'cardtype cctype creditcardtype cardbrand',
  name: 'fullname yourname <name> realname contactname customername personname recipientname billingname shippingname firstandlastname firstlastname',
  'given-name': 'firstname <fname <fname> givenname forename namefirst <first>',
  'additional-name': 'middlename <mname middleinitial <minitial <mi>',
  'family-name': 'lastname <lname surname familyname namelast <last> secondname',
  'honorific-prefix': 'honorific salutation <prefix>',
  organization:
    'company companyname businessname orgname <org> employer firmname institution nameofcompany nameoforganization organisa organiza',
  'organization-title': 'jobtitle <occupation jobrole',
  'street-address':
    'address streetaddress address1 addressline1 addr1 <addr> <street> street addressone addressline mailingaddress homeaddress billingaddress shippingaddress streetname deliveryaddress postaladdress',
  nickname: 'displayname screenname nickname handle>',
  'address-line2':
    'line2 address2 addressline2 addr2 <apt> <apt apartment <suite aptsuite <unit> addresstwo street2 streetaddress2 flatnumber',
  'address-line3': 'address3 addressline3 addr3 street3',
  'address-level2': '<city> city <town> town locality cityname townname suburb',
  'address-level1': '<state> province region> <county> stateprovince <prefecture> stateregion <state regionstate territory',
  country: '<country> country countryregion nationality residence>',
  'postal-code': 'postalcode postcode zipcode <zip> <zip <postal> zippostal postalzip <pin>code pincode zip>',
  tel: 'telephone phone phonenumber mobile cellphone <tel> <tel mobilenumber phoneno contactnumber <cell> <mob> tel> homephone workphone dayphone areacode <fax> mobileno telephonenumber phoneareacode phoneprefix phonesuffix cellnumber',
  'tel-extension': 'phoneextension phoneext <ext> telext',
  bday: 'birthday birthdate dateofbirth <dob> bday dobfull <dob birthyear',
  'bday-day': 'birthdayday birthday_day bdayday dobday birthdateday dayofbirth birthday> <bday> dateofbirthday',
  'bday-month': 'birthmonth birthdaymonth bdaymonth dobmonth birthdatemonth monthofbirth dateofbirthmonth',
  'bday-year': 'birthyear birthdayyear bdayyear dobyear birthdateyear yearofbirth dateofbirthyear',
  sex: 'gender <sex>',
  'none:other':
    'membershipnumber membernumber memberno customernumber socialsecurity <tin> giftcard giftcards reservationnumber ordernumber school postbox human> codeshown securityquestion captcha securityquestion securityanswer giftcard <qty <query> <q> website <url> date> language domain> <secret <answer question hint> <code> nickname> invitationcode invitecode <year> <month> <day> <filename subdomain <vat vatnumber taxid> taxnumber <ssn socialsecurity routing accountnumber iban <bic <price from> to> location checkin> checkout> passwordhint passwordquestion department companysize confirmationnumber shownabove sortby message subject quantity verifyimage securityimage imageverification projectname',
  'none:search': 'search searchbox searchfor findstore findproducts searchterm searchtext searchquery <find> lookup>',
  '+signin':
    'signin login logon loginform loginbutton existingcustomer existingcustomers alreadyregistered returningcustomer returningcustomers memberlogin logintoyouraccount welcomeback dologin loginnow userlogin signintoyouraccount <auth> authenticate <session sessions signinform logintocontinue signintocontinue accesstoyouraccount haveanaccount',
  '+signup':
    'signup register registration createaccount createanaccount createyouraccount createnewaccount newaccount <join joinnow joinus newuser newcustomer newcustomers registernow registerform getstarted createprofile createmyaccount registeruser enrollment newmember signupform createuser <regist registeraccount joinfree joinforfree registrationform <regi <reg> enroll> createnew',
  '+change': 'changepassword updatepassword changeyourpassword editpassword passwordchange modifypassword savepassword',
  '+reset':
    'resetpassword setpassword passwordreset newpassword choosepassword createpassword recoverpassword resetyourpassword forgotpassword setnewpassword createnewpassword setyourpassword lostpassword retrievepassword',
  '+forgot':
    'forgotpassword forgotyourpassword forgottenpassword lostpassword lostyourpassword forgot cantlogin troublesigningin recoverpassword resetpassword',
  '+terms': 'terms termsandconditions privacypolicy iagree agree newsletter iaccept subscribe conditions',
  '+search': 'search <find>',
  '+newsletter': 'newsletter subscribe subscription mailinglist',
  '~new':
    '<new newpassword newpwd createpassword choosepassword choose> passwordnew newpass setpassword chooseapassword createapassword desiredpassword strongpassword passwordmust mustbeatleast atleast8 atleast6 characterslong passwordstrength',
  '~current':
    'current currentpassword curpass curpwd <opass originalpassword previouspassword oldpassword <old oldpwd oldpass existingpassword presentpassword passwordold',
  '~confirm':
    'confirm confirmpassword repeat repeatpassword again retype reenter verifypassword passwordconfirm passwordconfirmation password2 pass2 pwd2 confirmation confpassword <verify passwordrepeat passwordagain cpassword passwd2 pw2 <conf verification passwordcheck checkpassword',
}

export const norwegian: WordTable = {
  username:
    'brukernavn brukarnamn brukerid brukar> <bruker> innloggingsnavn medlemsnummer kundenummer brukernamnet bankidbruker mobilellerepost eposteller brukernavnellerepost',
  email: 'nyhetsbrev <epost epostadresse <mailadresse',
  password: 'passord',
  'one-time-code':
    'engangskode engangspassord bekreftelseskode stadfestingskode verifiseringskode smskode sikkerhetskodepasms eingongskode kodebrikke kodepasms kodefrasms sikkerhetskodensendt autentiseringskode innloggingskode påloggingskode verifikasjonskode kodefraapp kodevisendte',
  'cc-name': 'navnpakortet kortholder namnpakort korteier kortinnehav påkort',
  'cc-number': 'kortnummer kredittkortnummer kortnr',
  'cc-exp': 'utlopsdato utløpsdato utløp gyldigtil utløper gjeldertil gyldig> utløpsdatoen månedår <måndår mmåå',
  'cc-csc':
    'sikkerhetskode kontrollkode kortkode cvckode tryggleikskode cvvkode 3sifre tresifre sikkerhetskodecvc kortetssikkerhetskode kontrollsiffer kontrollnummer',
  'cc-type': 'korttype',
  name: 'fulltnavn fulltnamn <navn> <namn> dittnavn kontaktperson',
  'given-name': 'fornavn fornamn førenamn',
  'additional-name': 'mellomnavn mellomnamn',
  'family-name': 'etternavn etternamn slektsnavn',
  organization: '<firma firmanavn bedrift bedriftsnavn selskap arbeidsgiver verksemd',
  'street-address':
    'gateadresse adresse veiadresse gate> <vei> leveringsadresse postadresse adresselinje1 vegadresse folkeregistrertadresse fakturaadresse gatenavn veinavn gatenummer',
  'address-line2': 'adresselinje2 adresse2 leilighet leilighetsnummer bolignummer bustadnummer linje2',
  'address-level2': 'poststed <by> poststad <sted> <kommune',
  'address-level1': '<fylke provins',
  country: '<land>',
  'postal-code': 'postnummer postnr postkode',
  tel: 'telefon telefonnummer mobilnummer mobil tlf mobiltelefon telefonnr mobilnr',
  bday: 'fødselsdato fodselsdato bursdag fødselsdag',
  'bday-month': 'fødselsmåned',
  'bday-year': 'fødselsår',
  sex: 'kjønn',
  'none:other':
    'gavekort fødselsnummer personnummer kontonummer organisasjonsnummer kundenummer medlemsnummer fnr> 11siffer personnr orgnr kontoeier melding emne',
  'none:search': 'søk søkeord',
  '+signin': 'logginn innlogging logginnmed logginnher alleredekunde alleredemedlem innloggings',
  '+signup': '<registrer registrering nybruker nykunde lagkonto blimedlem opprett lagbruker blikunde meldmegpå',
  '+change': 'endrepassord byttpassord byttepassord endrapassord oppdaterpassord',
  '+reset': 'tilbakestillpassord nullstillpassord nyttpassord velgpassord',
  '+forgot': 'glemtpassord glemtepassord gløymtpassord glemt mistetpassord',
  '+terms': 'vilkår personvern godtar samtykker nyhetsbrev brukervilkår',
  '+search': 'søk>',
  '+newsletter': 'nyhetsbrev abonner',
  '~new': 'nytt nyttpassord velgpassord lagpassord opprettpassord lagetpassord velgetpassord opprettetpassord',
  '~current': 'nåværende gammelt gjeldende noverande gamalt eksisterende',
  '~confirm': 'bekreft gjenta igjen stadfest gjentapassord bekreftpassord pånytt',
  'honorific-prefix': '<tittel>',
}

export const swedish: WordTable = {
  username: 'användarnamn användarid medlemsnummer kundnummer användare kundnr',
  email: '<epost epostadress mejl mejladress',
  password: 'lösenord',
  'one-time-code': 'engångskod verifieringskod bekräftelsekod smskod koden verifikationskod autentiseringskod inloggningskod',
  'cc-name': 'kortinnehavar påkort',
  'cc-number': 'kortnummer kortnr',
  'cc-exp': 'giltigtill giltighetstid giltigt> giltigtom utgångs',
  'cc-csc': 'säkerhetskod cvckod cvc',
  name: '<namn> fullständigtnamn',
  'given-name': 'förnamn',
  'family-name': 'efternamn',
  organization: 'företag företagsnamn bolag',
  'street-address': 'gatuadress adress> <adress postadress leveransadress <gata>',
  'address-level2': '<ort> postort <stad> stad> ortnamn',
  'address-level1': '<län>',
  'postal-code': 'postnummer postnr',
  tel: 'telefon mobilnummer telefonnummer',
  bday: 'födelsedatum födelsedag',
  sex: '<kön>',
  'none:search': 'sök>',
  'none:other': 'presentkort personnummer födelsenummer organisationsnummer',
  '+signin': 'loggain inloggning',
  '+signup': 'registrera registrering blimedlem nykund <skapa nyttkonto',
  '+change': 'ändralösenord bytlösenord',
  '+forgot': 'glömtlösenord glömt',
  '+terms': 'villkor godkänner nyhetsbrev',
  '+reset': 'nyttlösenord återställlösenord',
  '~new': '<nytt väljlösenord nyttlösenord väljett skapaett',
  '~current': 'nuvarande gammalt',
  '~confirm': 'bekräfta upprepa igen>',
  country: '<land>',
}

export const danish: WordTable = {
  username: 'brugernavn brugerid medlemsnavn',
  email: 'nyhedsbrev <epost emailadresse mailadresse',
  password: 'adgangskode kodeord',
  'one-time-code':
    'engangskode bekræftelseskode engangskoden smskode verifikationskode bekræftelseskoden kodefrasms godkendelseskode loginkode verificeringskode totrinskode',
  'cc-name': 'navnpåkort kortholder kortindehaver påkort',
  'cc-number': 'kortnummer',
  'cc-exp': 'udløbsdato udløb',
  'cc-csc': 'kontrolcifre sikkerhedskode',
  name: '<navn> fuldenavn',
  'given-name': 'fornavn',
  'family-name': 'efternavn',
  organization: 'virksomhed firmanavn',
  'street-address': 'adresse vejnavn <vej> gade>',
  'address-level2': '<by> bynavn',
  'postal-code': 'postnummer postnr',
  tel: 'telefon mobilnummer telefonnummer mobil telefonnr mobiltelefon',
  bday: 'fødselsdato fødselsdag',
  '+signin': 'logind <logpå',
  '+signup': 'opret tilmeld opretkonto opretbruger',
  '+forgot': 'glemt',
  '+change': 'skiftadgangskode ændradgangskode',
  '+terms': 'betingelser accepterer nyhedsbrev',
  '~new': '<ny> nyadgangskode nytkodeord vælgen opreten',
  '~current': 'nuværende gammel',
  '~confirm': 'bekræft gentag igen>',
  'cc-exp-month': 'udløbsmåned',
  'cc-exp-year': 'udløbsår',
  country: '<land>',
  'none:other': 'cprnummer cpr> rabatkode besked emne antal>',
  'none:search': 'søg',
  '+reset': 'nulstil',
  'address-line2': 'linje2',
}

export const finnish: WordTable = {
  username: 'käyttäjätunnus käyttäjänimi <tunnus> asiakasnumero',
  email: 'sähköposti sähköpostiosoite sähköpostiosoitteesi',
  password: 'salasana',
  'one-time-code':
    'kertakäyttökoodi vahvistuskoodi kertakäyttöinen kertakoodi tekstiviestikoodi todennuskoodi varmistuskoodi tunnistautumiskoodi varmennuskoodi syötäkoodi',
  'cc-name': 'kortinhaltija kortissa',
  'cc-number': 'kortinnumero korttinumero',
  'cc-exp': 'voimassaolo päättymis vanhenemis',
  'cc-csc': 'turvakoodi tarkistusnumero cvc turvanumero',
  name: '<nimi>',
  'given-name': 'etunimi',
  'family-name': 'sukunimi',
  organization: 'yritys',
  'street-address': 'katuosoite lähiosoite <osoite <katu>',
  'address-level2': 'kaupunki postitoimipaikka paikkakunta',
  'postal-code': 'postinumero',
  country: '<maa>',
  tel: 'puhelin puhelinnumero matkapuhelin',
  bday: 'syntymäaika syntymäpäivä',
  'none:search': '<haku hae>',
  '+signin': 'kirjaudu kirjautuminen sisäänkirjautuminen',
  '+signup': 'rekisteröidy rekisteröityminen luotili luokäyttäjätili liity luotunnus tilaa> <luo>',
  '+forgot': 'unohtunut unohditko unohditkosalasanan',
  '+change': 'vaihdasalasana',
  '+terms': 'käyttöehdot hyväksyn uutiskirje',
  '~new': 'uusi uusisalasana',
  '~current': 'nykyinen vanha',
  '~confirm': 'vahvista uudelleen toista',
  'none:other': 'henkilötunnus lahjakortti',
  sex: 'sukupuoli',
  'address-level1': 'maakunta',
}
