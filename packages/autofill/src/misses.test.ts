/** What people report that other password managers miss, each as a page of ours: the engine's half. The browser's half: tests/autofill. */
import { describe, expect, it } from 'vitest'
import { classify, decide, decideSave, nextSaveState, planFill, saveIdle } from './index.ts'
import type { FrameContext, PageModel } from './index.ts'
import { pageOf } from './testing/page.ts'

const labels = (model: PageModel): string[] => classify(model).fields.map((field) => field.label)
const card = { name: 'Kari Nordmann', number: '4111111111111111', expMonth: 10, expYear: 2025 }
const fill = (fields: Parameters<typeof pageOf>[0]): string[] => {
  const model = pageOf(fields)
  return planFill(model, classify(model), 0, { card }).steps.map((step) => step.value)
}
const options = (values: readonly (readonly [string, string])[]): { value: string; text: string }[] =>
  values.map(([value, text]) => ({ value, text }))
const frame: FrameContext = {
  frameUrl: 'https://www.example.no/', topUrl: 'https://www.example.no/', privateWindow: false, locked: false, allowAutocompleteOff: false,
  neverSave: false, trigger: 'focus', trusted: true, focused: 0,
} // prettier-ignore
const item = {
  itemId: 'a',
  kind: 'login',
  title: '',
  username: 'kari',
  sites: ['example.no'],
  hasPassword: true,
  hasTotp: true,
  changedMs: 0,
  usedMs: 0,
} as const
const switches = { fillPasswords: true, fillCards: true, offerToSave: true, fillOnLoad: true }

describe('E5 expiry in the shape of the field', () => {
  it('a Nordic check-out that asks for MM/ÅÅ gets 10/25, not 20/10', () => {
    expect(fill([{ autocomplete: 'cc-number' }, { labelText: 'Utløpsdato', placeholder: 'MM/ÅÅ', maxLength: 5 }])[1]).toBe('10/25')
    expect(fill([{ autocomplete: 'cc-number' }, { labelText: 'Utgångsdatum MM / ÅÅ' }])[1]).toBe('10 / 25')
    expect(fill([{ autocomplete: 'cc-number' }, { autocomplete: 'cc-exp', maxLength: 4 }])[1]).toBe('1025')
  })
  it('a field that asks for the year first gets the year first', () => {
    expect(fill([{ autocomplete: 'cc-number' }, { autocomplete: 'cc-exp', placeholder: 'YYYY/MM' }])[1]).toBe('2025/10')
    expect(fill([{ autocomplete: 'cc-number' }, { autocomplete: 'cc-exp', type: 'month' }])[1]).toBe('2025-10')
  })
  it('two lists, months by name and years of two digits', () => {
    const months = 'januar februar mars april mai juni juli august september oktober november desember'
    const names = months.split(' ').map((name, at) => [String(at), name] as const)
    const years = ['24', '25', '26', '27', '28', '29'].map((year) => [`y${year}`, year] as const)
    const fields = [
      { autocomplete: 'cc-number' },
      { tag: 'select', type: 'select-one', labelText: 'Utløpsmåned', options: options([['', 'Måned'], ...names]) },
      { tag: 'select', type: 'select-one', labelText: 'Utløpsår', options: options([['', 'År'], ...years]) },
    ] as const
    expect(fill(fields)).toEqual(['4111111111111111', '9', 'y25'])
  })
  it('a card number in four boxes', () => {
    const boxes = [0, 1, 2, 3].map((at) => ({ name: `cardnumber${at}`, maxLength: 4 }))
    expect(fill([...boxes, { labelText: 'Expiry date' }])).toEqual(['4111', '1111', '1111', '1111', '10/25'])
  })
})

describe('E8 codes', () => {
  it('a code in six boxes gets one digit a box', () => {
    const boxes = [0, 1, 2, 3, 4, 5].map((at) => ({ id: `otp-${at}`, type: 'tel', maxLength: 1 }))
    const model = pageOf(boxes, [{ headings: 'Enter the code', buttons: 'Continue' }])
    const found = classify(model)
    expect(found.groups[0]?.purpose).toBe('code')
    expect(planFill(model, found, 0, { totp: '123456' }).steps.map((step) => step.value)).toEqual(['1', '2', '3', '4', '5', '6'])
  })
  it('boxes of which the first takes a pasted code', () => {
    const boxes = [0, 1, 2, 3, 4, 5].map((at) => ({ id: `email-verification-otp-input-${at}`, type: 'tel', maxLength: at === 0 ? -1 : 1 }))
    const model = pageOf(boxes)
    expect(planFill(model, classify(model), 0, { totp: '123456' }).steps.map((step) => step.value)).toEqual(['1', '2', '3', '4', '5', '6'])
  })
  it('a user code in a framed sign-in is no one-time code', () => {
    expect(
      labels(
        pageOf(
          [
            { labelText: 'Brukerkode', name: 'usercode' },
            { type: 'password', name: 'pw' },
          ],
          [{ buttons: 'Logg inn' }],
        ),
      ),
    ).toEqual(['username', 'current-password'])
    expect(labels(pageOf([{ labelText: 'User code', name: 'code' }, { type: 'password' }], [{ buttons: 'Sign in' }]))[0]).toBe('username')
  })
})

describe('E6 menus where they belong', () => {
  it('a search box has none, and neither has a newsletter or a coupon', () => {
    const search = pageOf([{ name: 'q', placeholder: 'Søk i butikken' }], [{ buttons: 'Søk' }])
    expect(decide(search, classify(search), [item], frame, switches)).toMatchObject({ act: 'refuse', reason: 'search-field' })
    const coupon = pageOf([{ name: 'coupon', labelText: 'Rabattkode' }], [{ buttons: 'Bruk' }])
    expect(decide(coupon, classify(coupon), [item], frame, switches).act).toBe('refuse')
  })
  it('a password step that the site itself focuses has one', () => {
    const step = pageOf(
      [{ type: 'password', name: 'passwd' }],
      [{ headings: 'Skriv inn passordet', buttons: 'Logg på', links: 'Glemt passord' }],
    )
    expect(classify(step).groups[0]).toMatchObject({ purpose: 'sign-in', step: 'password-only' })
    expect(decide(step, classify(step), [item], frame, switches).act).toBe('offer')
  })
  it('the first of two steps has one, and fills the user name alone', () => {
    const step = pageOf(
      [{ labelText: 'E-post eller brukernavn', name: 'loginfmt' }],
      [{ headings: 'Logg på', attributes: 'login', buttons: 'Neste' }],
    )
    const found = classify(step)
    expect(found.groups[0]).toMatchObject({ purpose: 'sign-in', step: 'user-name-first' })
    expect(planFill(step, found, 0, { username: 'kari', password: 'p' }).steps.map((each) => each.value)).toEqual(['kari'])
  })
  it('a password that is typed as text is a password', () => {
    const model = pageOf(
      [
        { type: 'email', name: 'email' },
        { name: 'password', labelText: 'Password' },
      ],
      [{ buttons: 'Sign in' }],
    )
    expect(labels(model)).toEqual(['email', 'current-password'])
  })
  it('`new-password` on a user name or a plain sign-in only keeps browsers away', () => {
    const model = pageOf(
      [
        { labelText: 'Brukernavn', autocomplete: 'new-password' },
        { type: 'password', autocomplete: 'new-password' },
      ],
      [{ buttons: 'Logg inn', headings: 'Logg inn', attributes: 'login', links: 'Glemt passord?' }],
      'https://example.no/login',
    )
    expect(labels(model)).toEqual(['username', 'current-password'])
  })
})

describe('E2 saving', () => {
  const signIn = { kind: 'credentials', ref: 'r', username: 'kari', purpose: 'sign-in', autocompleteOff: false, hasPassword: true } as const
  const context = { offerToSave: true, privateWindow: false, neverSave: false, allowAutocompleteOff: false, locked: false }
  const done = nextSaveState(nextSaveState(nextSaveState(saveIdle, signIn), { kind: 'submitted' }), {
    kind: 'navigated',
    sameSite: true,
    passwordField: false,
    status: 200,
  })
  it('a new sign-in is offered to be saved, after the next page came', () => {
    expect(decideSave(done, [], context)).toMatchObject({ act: 'save', username: 'kari' })
  })
  it('an update is not offered when nothing changed', () => {
    expect(decideSave(done, [{ itemId: 'a', username: 'KARI ', samePassword: true }], context).act).toBe('nothing')
  })
})

describe('E6 what a field is called decides where people are told less', () => {
  it('one word for "name" and "first name", and what the programmer called it', () => {
    expect(labels(pageOf([{ labelText: 'Nombre', name: 'FirstName' }]))).toEqual(['given-name'])
    expect(labels(pageOf([{ labelText: 'Nom', name: 'lastname' }]))).toEqual(['family-name'])
    expect(labels(pageOf([{ labelText: 'Name', name: 'name' }]))).toEqual(['name'])
    // people are told both
    expect(labels(pageOf([{ labelText: 'Vaše jméno a příjmení', name: 'jmeno' }]))).toEqual(['name'])
  })
  it('a year of birth that is asked for alone', () => {
    expect(labels(pageOf([{ labelText: 'Fødselsdato', name: 'dateofbirth_year' }]))).toEqual(['bday-year'])
    expect(labels(pageOf([{ labelText: 'Fødselsdato', name: 'dateofbirth' }]))).toEqual(['bday'])
    // "fødselsdag" is the date and not the day
    expect(labels(pageOf([{ labelText: 'Fødselsdag' }]))).toEqual(['bday'])
  })
  it('E8 what is read off a picture is no code that was sent', () => {
    expect(labels(pageOf([{ labelText: 'Verification code', name: 'form[captcha]' }]))).toEqual(['none'])
    expect(labels(pageOf([{ labelText: 'Verification code', name: 'code' }]))).toEqual(['one-time-code'])
  })
  it('E6 three hidden characters are part of a number, and no password', () => {
    const parts = [3, 2].map((maxLength) => ({ type: 'password', labelText: 'Social security number, next digits', maxLength }))
    expect(labels(pageOf(parts))).toEqual(['none', 'none'])
    expect(labels(pageOf([{ autocomplete: 'username' }, { type: 'password', labelText: 'Password' }]))).toEqual([
      'username',
      'current-password',
    ])
  })
  it('E7 a word of one language inside of one of another says nothing', () => {
    const pair = (name: string): unknown =>
      labels(
        pageOf(
          [
            { type: 'password', name },
            { type: 'password', name: `${name}2` },
          ],
          [{ buttons: 'Register' }],
        ),
      )
    // old: Hungarian, Polish; new: Czech
    for (const name of ['REGISTER[PASSWORD]', 'passRegister', 'interestareaPassword'])
      expect(pair(name)).toEqual(['new-password', 'new-password'])
    expect(labels(pageOf([{ name: 'confirmation' }, { name: 'iconField' }]))).toEqual(['none', 'none'])
  })
  it('E6 what a newsletter asks for is an e-mail address', () => {
    expect(labels(pageOf([{ name: 'newsletter', placeholder: 'Nyhetsbrev' }], [{ buttons: 'Meld på' }]))).toEqual(['email'])
  })
  it('E6 a sign-up that asks for a nickname and no user name signs in with it', () => {
    const secrets = [{ type: 'password', name: 'pass' }, { type: 'password', name: 'confirm' }] // prettier-ignore
    expect(labels(pageOf([{ name: 'nickname' }, ...secrets], [{ buttons: 'Register' }]))[0]).toBe('username')
    expect(labels(pageOf([{ name: 'nickname' }, { name: 'username' }, ...secrets], [{ buttons: 'Register' }]))[0]).toBe('nickname')
  })
  it('E7 a sign-in and a sign-up in one form: the password of the sign-in is the current one', () => {
    const found = labels(
      pageOf(
        [
          { name: 'login$user' },
          { type: 'password', name: 'login$password' },
          { name: 'firstName' },
          { name: 'lastName' },
          { name: 'email', type: 'email' },
          { type: 'password', name: 'create$password' },
          { type: 'password', name: 'create$confirm' },
        ],
        [{ buttons: 'Sign in Register' }],
      ),
    )
    expect([found[1], found[5], found[6]]).toEqual(['current-password', 'new-password', 'new-password'])
  })
})

describe('E6 words of a label are read together', () => {
  const one = (labelText: string, name = ''): string | undefined => labels(pageOf([{ labelText, name }]))[0]
  it('whose name it is, and what the address is of', () => {
    for (const text of [
      'Kortinnehavers navn',
      'Navn på kortet',
      'Navnet på kortet',
      'Meno na karte',
      'カード上の名前',
      'Name des Karteninhabers',
      'Jméno držitele karty',
      'Full name on card',
    ])
      expect(one(text), text).toBe('cc-name')
    for (const text of ['Fornavn og etternavn', 'Nombre y apellidos', 'Imię i nazwisko', 'Ad Soyad']) expect(one(text), text).toBe('name')
    for (const text of ['Navn på bedrift', 'Nome da empresa']) expect(one(text), text).toBe('organization')
    expect(one('Nome do usuário')).toBe('username')
    expect(one('Adresă de e-mail')).toBe('email')
    expect(one('Alamat', 'email')).toBe('email')
    expect(one('Nom et numéro de rue')).toBe('street-address')
  })
  it('the first name on a card is a first name', () => {
    expect(one('First name on card')).toBe('given-name')
    expect(one('Imię i nazwisko posiadacza karty')).toBe('cc-name')
  })
  it('an address that is to be typed again is that of the e-mail, if the field is called so', () => {
    expect(labels(pageOf([{ labelText: 'Confirm your address', name: 'reenter_email', id: 'reenter_email' }]))).toEqual(['email'])
    expect(one('Your address', 'address')).toBe('street-address')
  })
  it('E7 a word is not found where it only seems to stand', () => {
    expect(one('', 'profile-name')).toBe('name')
    expect(one('', 'file-name')).toBe('none')
    expect(one("Owner's name")).toBe('name')
  })
  it('E8 a code of what stands before it, in what the programmer called it', () => {
    for (const name of ['mfa_code', 'twoFactorCode', 'otpCode', 'tfa-code']) expect(one('', name), name).toBe('one-time-code')
    expect(one('', 'stateCode')).toBe('address-level1')
    for (const name of ['couponCode', 'accessCode', 'companyCode']) expect(one('', name), name).toBe('none')
  })
})

describe('E6 `autocomplete="off"` names no field, and the rules look at the rest', () => {
  it('a sign-in by telephone number', () => {
    const fields = [
      { type: 'tel', labelText: 'Mobilnummer', autocomplete: 'off' },
      { type: 'password', labelText: 'Passord', autocomplete: 'off' },
    ]
    expect(labels(pageOf(fields, [{ buttons: 'Logg inn' }]))).toEqual(['username', 'current-password'])
  })
  it('the hidden digits of a social security number are no password', () => {
    const parts = [3, 2].map((maxLength) => ({ type: 'password', labelText: 'Social security number, next digits', maxLength }))
    expect(labels(pageOf(parts.map((part) => ({ ...part, autocomplete: 'off' }))))).toEqual(['none', 'none'])
  })
})

describe('E5 lists of an expiry', () => {
  const list = (values: readonly string[], labelText = ''): object => ({
    tag: 'select',
    type: 'select-one',
    labelText,
    options: options(values.map((value) => [value, value])),
  })
  const months = ['01', '02', '03', '04', '05', '06', '07', '08', '09', '10', '11', '12']
  const years = months.map((_, at) => String(2026 + at))
  it('a label that stands before both, and as many years as there are months', () => {
    expect(labels(pageOf([{ labelText: 'Kortnummer' }, list(months, 'Utløper'), list(years)]))).toEqual([
      'cc-number',
      'cc-exp-month',
      'cc-exp-year',
    ])
    expect(labels(pageOf([{ labelText: 'Kortnummer' }, list(months, 'Utløpsmåned'), list(years, 'Utløpsår')]))[2]).toBe('cc-exp-year')
  })
  it('a year and nothing more of an expiry is left alone', () => {
    expect(labels(pageOf([list(years, 'Year of the report')]))).toEqual(['none'])
  })
})

describe('E8 codes that were not sent', () => {
  it('the confirmation code of a journey', () => {
    const fields = [{ labelText: 'Confirmation code' }, { labelText: 'First name' }, { labelText: 'Last name' }]
    expect(labels(pageOf(fields, [{ buttons: 'Check in' }]))).toEqual(['none', 'given-name', 'family-name'])
    expect(labels(pageOf([...fields, { labelText: 'Mobile phone' }], [{ buttons: 'Sign up' }]))[0]).toBe('one-time-code')
  })
  it('nor is one word for password and code a password where it is typed for all to see', () => {
    expect(labels(pageOf([{ labelText: 'رقم البطاقة' }, { labelText: 'رمز CVV' }]))).toEqual(['cc-number', 'cc-csc'])
    for (const labelText of ['Κωδικός προώθησης', 'رمز العرض الترويجي'])
      expect(labels(pageOf([{ labelText }])), labelText).toEqual(['none'])
    expect(labels(pageOf([{ labelText: 'Lag et passord' }], [{ buttons: 'Registrer' }]))).toEqual(['new-password'])
  })
  it('Norwegian ones that were', () => {
    for (const text of ['Kode fra app', 'Autentiseringskode', 'Koden vi sendte deg', 'Innloggingskode', 'Påloggingskode'])
      expect(labels(pageOf([{ labelText: text }])), text).toEqual(['one-time-code'])
    expect(labels(pageOf([{ labelText: 'Kortnummer' }, { labelText: 'Kontrollsiffer' }]))[1]).toBe('cc-csc')
  })
  it('E6 an option of a user is no user name', () => {
    const fields = [
      { labelText: 'Operating system', name: 'userOption138' },
      { type: 'password', labelText: 'Password' },
    ]
    expect(labels(pageOf([{ type: 'email', labelText: 'E-mail' }, ...fields], [{ buttons: 'Register' }]))[1]).toBe('none')
  })
})
