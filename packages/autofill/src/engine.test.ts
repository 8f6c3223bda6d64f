/** Engine on page models written as data: what the founders' README names as where engines differ, and the decision rules E1 to E8. */
import { describe, expect, it } from 'vitest'
import { classify, decide, decideSave, displayHost, matchSite, nextSaveState, parsePasswordRules, planFill, saveIdle } from './index.ts'
import type { Candidate, FrameContext, PageModel, Switches } from './index.ts'
import { pageOf as page } from './testing/page.ts'

const labels = (model: PageModel): string[] => classify(model).fields.map((field) => field.label)

describe('AUT-1 classification', () => {
  it('a Norwegian sign-in and a Norwegian sign-up', () => {
    const signIn = page(
      [{ labelText: 'E-postadresse' }, { type: 'password', labelText: 'Passord' }],
      [{ buttons: 'Logg inn', links: 'Glemt passord?' }],
    )
    expect(classify(signIn).groups[0]?.purpose).toBe('sign-in')
    expect(labels(signIn)[1]).toBe('current-password')
    const signUp = page(
      [
        { labelText: 'Fornavn' },
        { labelText: 'Etternavn' },
        { labelText: 'Postnummer' },
        { labelText: 'Mobilnummer' },
        { labelText: 'E-post' },
        { type: 'password', labelText: 'Velg passord' },
      ],
      [{ buttons: 'Opprett konto' }],
    )
    expect(labels(signUp)).toEqual(['given-name', 'family-name', 'postal-code', 'tel', 'email', 'new-password'])
  })
  it('header sign-in beside a sign-up', () => {
    const model = page(
      [
        { name: 'user' },
        { type: 'password', name: 'pw' },
        { form: 1, type: 'email', name: 'email' },
        { form: 1, type: 'password', name: 'p1' },
        { form: 1, type: 'password', name: 'p2' },
      ],
      [{ buttons: 'Log in' }, { buttons: 'Create account' }],
    )
    expect(labels(model)).toEqual(['username', 'current-password', 'email', 'new-password', 'new-password'])
  })
  it('change of password: current, new, again', () => {
    const model = page([{ type: 'password' }, { type: 'password' }, { type: 'password' }], [{ buttons: 'Endre passord' }])
    expect(labels(model)).toEqual(['current-password', 'new-password', 'new-password'])
    expect(classify(model).groups[0]?.purpose).toBe('change-password')
  })
  it('a search box is a search box', () => {
    expect(classify(page([{ type: 'search', name: 'q' }], [{ buttons: 'Søk' }])).groups[0]?.purpose).toBe('search')
  })
  it('the first step of a two-step sign-in', () => {
    const model = page([{ name: 'identifier', autocomplete: 'username webauthn' }], [{ attributes: 'signin', headings: 'Sign in' }])
    expect(classify(model).groups[0]).toMatchObject({ purpose: 'sign-in', step: 'user-name-first' })
  })
  it('a card of which nothing but words is known', () => {
    const model = page([
      { labelText: 'Kortnummer' },
      { labelText: 'Utløpsdato (MM/ÅÅ)' },
      { labelText: 'CVC' },
      { labelText: 'Navn på kort' },
    ])
    expect(labels(model)).toEqual(['cc-number', 'cc-exp', 'cc-csc', 'cc-name'])
  })
})

const switches: Switches = { fillPasswords: true, fillCards: true, offerToSave: true, fillOnLoad: true }
const item: Candidate = {
  itemId: 'a',
  kind: 'login',
  title: '',
  username: 'kari',
  sites: ['https://www.example.no/'],
  hasPassword: true,
  hasTotp: false,
  changedMs: 0,
  usedMs: 0,
}
const signIn = page([{ name: 'username' }, { type: 'password', name: 'password' }], [{ buttons: 'Logg inn' }])
const frame: FrameContext = {
  frameUrl: 'https://www.example.no/', topUrl: 'https://www.example.no/', privateWindow: false, locked: false, allowAutocompleteOff: false,
  neverSave: false, trigger: 'load', trusted: false,
} // prettier-ignore
const decided = (context: Partial<FrameContext>, candidates = [item], also: Partial<Switches> = {}, model = signIn): string => {
  const decision = decide(model, classify(model), candidates, { ...frame, ...context }, { ...switches, ...also })
  return `${decision.act} ${decision.reason}`
}

describe('decisions', () => {
  it('E7 beside a new password an account is offered where its own password would be filled, and then it is', () => {
    const email = { type: 'email', autocomplete: 'email' }
    const fresh = { type: 'password', autocomplete: 'new-password', labelText: 'Velg passord' }
    const offersAt = (model: PageModel, focused: number): number => {
      const context: FrameContext = { ...frame, trigger: 'focus', trusted: true, focused }
      const decision = decide(model, classify(model), [item], context, switches)
      expect(decision.reason).toBe('new-password')
      return decision.offers.length
    }
    const fill = (model: PageModel): Record<string, string> =>
      Object.fromEntries(
        planFill(model, classify(model), 0, { username: 'kari', password: 'old one' }).steps.map(({ field, value }) => [field, value]),
      )
    // perhaps a sign-in that calls itself something else
    const once = page([email, fresh], [{ buttons: 'Opprett konto' }])
    expect(offersAt(once, 1)).toBe(1)
    expect(fill(once)).toEqual({ 1: 'old one' })
    const twice = page([email, fresh, fresh], [{ buttons: 'Opprett konto' }])
    expect(offersAt(twice, 1)).toBe(0)
    expect(fill(twice)).toEqual({})
    const change = page([{ type: 'password', autocomplete: 'current-password' }, fresh, fresh])
    expect(offersAt(change, 1)).toBe(1)
    expect(fill(change)).toEqual({ 0: 'old one' })
    expect(planFill(once, classify(once), 0, { password: 'old one', newPassword: 'new one' }).steps.map(({ value }) => value)).toEqual([
      'new one',
    ])
  })

  it('E1 E3 E4 E6 each refuses with its own reason', () => {
    expect(decided({})).toBe('fill one-match')
    expect(decided({}, [item, { ...item, itemId: 'b' }])).toBe('offer several-matches')
    expect(decided({}, [item], { fillPasswords: false })).toBe('refuse switched-off-passwords')
    expect(decided({ privateWindow: true })).toBe('refuse private-window')
    expect(decided({ privateWindow: true, trigger: 'user', trusted: true })).toBe('fill user-asked')
    expect(decided({ frameUrl: 'http://www.example.no/', topUrl: 'http://www.example.no/' })).toBe('refuse insecure-page')
    expect(decided({ topUrl: 'https://other.test/' })).toBe('ask cross-origin-frame')
    expect(decided({ trigger: 'focus' })).toBe('refuse untrusted-event')
    const off = page([{ name: 'username' }, { type: 'password', name: 'password', autocomplete: 'off' }], [{ buttons: 'Logg inn' }])
    expect(decided({}, [item], {}, off)).toBe('refuse autocomplete-off')
    expect(decided({ allowAutocompleteOff: true }, [item], {}, off)).toBe('fill one-match')
    expect(decided({}, [{ ...item, sites: ['example.no.evil.com'] }])).toBe('refuse no-match')
  })
  it('E5 the security code is left for the person, in every plan', () => {
    const model = page([{ autocomplete: 'cc-number' }, { placeholder: 'YYYY/MM', autocomplete: 'cc-exp' }, { autocomplete: 'cc-csc' }])
    const plan = planFill(model, classify(model), 0, { card: { name: 'K', number: '4111111111111111', expMonth: 3, expYear: 2031 } })
    expect(plan.steps.map((step) => step.value)).toEqual(['4111111111111111', '2031/03'])
    expect(plan.left).toEqual([{ field: 2, label: 'cc-csc', reason: 'csc-by-hand' }])
  })
  it('E5 expiry MM/YY, and a number over four boxes', () => {
    const boxes = [1, 2, 3, 4].map(() => ({ autocomplete: 'cc-number', maxLength: 4 }))
    const model = page([...boxes, { labelText: 'Utløpsdato MM/ÅÅ', autocomplete: 'cc-exp', maxLength: 5 }])
    const plan = planFill(model, classify(model), 0, { card: { name: 'K', number: '4111222233334444', expMonth: 3, expYear: 2031 } })
    expect(plan.steps.map((step) => step.value)).toEqual(['4111', '2222', '3333', '4444', '03/31'])
  })
})

describe('matching', () => {
  it('E6 registrable domain, ports, addresses, public suffixes', () => {
    expect(matchSite('example.no', 'https://login.example.no/').rank).toBe('same-site')
    expect(matchSite('a.github.io', 'https://b.github.io/').rank).toBe('none')
    expect(matchSite('http://192.168.1.2:8080', 'http://192.168.1.2:9090/').rank).toBe('none')
    expect(matchSite('https://localhost:3000', 'http://localhost:3000/').insecure).toBe(false)
    expect(displayHost('xn--80ak6aa92e.com')).toBe('xn--80ak6aa92e.com')
  })
  it('E7 password rules become plain constraints', () => {
    expect(parsePasswordRules('minlength: 8; maxlength: 15; required: digit; allowed: [-!];')).toMatchObject({
      minLength: 8,
      maxLength: 15,
      required: ['0123456789'],
    })
  })
})

describe('E2 saving', () => {
  const seen = nextSaveState(saveIdle, {
    kind: 'credentials',
    ref: 'r',
    username: 'kari',
    purpose: 'sign-in',
    autocompleteOff: false,
    hasPassword: true,
  })
  const sent = nextSaveState(seen, { kind: 'submitted' })
  const context = { offerToSave: true, privateWindow: false, neverSave: false, allowAutocompleteOff: false, locked: false }
  it('is offered after success only, and not when nothing changed', () => {
    expect(decideSave(sent, [], context).reason).toBe('waiting')
    const failed = nextSaveState(sent, { kind: 'response', status: 401 })
    expect(decideSave(nextSaveState(failed, { kind: 'form-gone' }), [], context).reason).toBe('not-succeeded')
    const good = nextSaveState(nextSaveState(sent, { kind: 'form-gone' }), { kind: 'response', status: 200 })
    expect(decideSave(good, [], context).act).toBe('save')
    expect(decideSave(good, [{ itemId: 'a', username: 'Kari', samePassword: true }], context).reason).toBe('nothing-changed')
    expect(decideSave(good, [{ itemId: 'a', username: 'kari', samePassword: false }], context).act).toBe('update')
    expect(decideSave(good, [], { ...context, privateWindow: true }).reason).toBe('private-window')
  })
})
