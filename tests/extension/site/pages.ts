/**
 * Pages of the test site: one for each way in which real sites ask for passwords, cards and codes, and those that people reported of other
 * managers. Written for the tests; no site's page is copied. `{port}` becomes the port that the site listens at.
 */
const page = (title: string, body: string, script = ''): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><h1>${title}</h1>${body}${script === '' ? '' : `<script>${script}</script>`}</body></html>`

const user = '<label>User name <input name="user" id="user" autocomplete="username"></label>'
const secret = '<label>Password <input name="pass" id="pass" type="password" autocomplete="current-password"></label>'
const signIn = (more = '', action = '/session'): string =>
  `<form method="post" action="${action}" ${more}>${user}${secret}<button>Sign in</button></form>`

/** A sign-in without a form, that asks by fetch and then takes the fields away, or says what was wrong. */
const spa = `
const go = async () => {
  const body = JSON.stringify({ user: user.value, pass: pass.value })
  const answer = await fetch('/api/session', { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  if (answer.ok) box.innerHTML = '<p>Welcome</p>'
  else error.textContent = 'Wrong password'
}
const user = document.getElementById('user'), pass = document.getElementById('pass'), box = document.getElementById('box'), error = document.getElementById('error')
document.getElementById('go').addEventListener('click', go)`

/** A root at a plain element that is not empty, as scripts of others make them, beside a sign-in of the page's own. */
const shadowBeside = `
const root = document.getElementById('widget').attachShadow({ mode: 'open' })
root.innerHTML = '<form>${user}${secret}<button type="button">Sign in</button></form>'
globalThis.values = () => [root.getElementById('user').value, root.getElementById('pass').value]
globalThis.put = () => root.getElementById('user').focus()`

/** A control of a framework's own that holds the input for the name, beside a plain input for the password; all in no form. */
const shadowName = `
customElements.define('user-name', class extends HTMLElement {
  constructor() {
    super()
    const root = this.attachShadow({ mode: 'closed' })
    root.innerHTML = '${user}'
    globalThis.values = () => [root.getElementById('user').value, pass.value]
    globalThis.put = () => pass.focus()
  }
})`

const shadow = (mode: string): string => `
class SignIn extends HTMLElement {
  constructor() {
    super()
    const root = this.attachShadow({ mode: '${mode}' })
    root.innerHTML = '<form>${user}${secret}<button type="button">Sign in</button></form>'
    globalThis.values = () => [root.getElementById('user').value, root.getElementById('pass').value]
    globalThis.put = () => root.getElementById('user').focus()
  }
}
customElements.define('sign-in', SignIn)`

/** A controlled input as frameworks make them: a setter of its own on the element, and what it did not hear of is put back. */
const framework = `
for (const id of ['user', 'pass']) {
  const input = document.getElementById(id)
  let known = ''
  const proto = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')
  Object.defineProperty(input, 'value', { configurable: true, get() { return proto.get.call(this) }, set(value) { known = value; proto.set.call(this, value) } })
  input.addEventListener('input', () => { known = proto.get.call(input) })
  setInterval(() => proto.set.call(input, known), 20)
}`

const split = [1, 2, 3, 4].map((at) => `<input name="card${at}" maxlength="4" size="4" aria-label="Card number part ${at} of 4">`).join('')
const months = Array.from({ length: 12 }, (_, at) => `<option value="${at + 1}">${String(at + 1).padStart(2, '0')}</option>`).join('')
const years = [2026, 2027, 2028, 2029, 2030, 2031].map((year) => `<option>${year}</option>`).join('')
const number = '<label>Card number <input name="number" id="number" autocomplete="cc-number" inputmode="numeric"></label>'
const holder = '<label>Name on card <input name="holder" autocomplete="cc-name"></label>'
const code = '<label>Security code (CVC) <input name="code" autocomplete="cc-csc" maxlength="4"></label>'

/**
 * A site that takes passkeys. `wish` holds what the next request asks for; `change`, if there is one, is what a page makes of the options
 * before it asks. What came of it stands in `out`: the site's verdict, or the name of the error.
 */
const passkeys = `
globalThis.wish = { rpId: location.hostname, name: 'kari' }
globalThis.change = (options) => options
const call = async (path, body) => (await fetch('/api/passkey/' + path, { method: 'POST', body: JSON.stringify(body) })).json()
const out = document.getElementById('out')
const run = async (kind) => {
  out.textContent = ''
  try {
    const json = await call(kind + '-options', wish)
    const parse = kind === 'create' ? PublicKeyCredential.parseCreationOptionsFromJSON : PublicKeyCredential.parseRequestOptionsFromJSON
    const options = change({ publicKey: parse.call(PublicKeyCredential, json) })
    const credential = await navigator.credentials[kind](options)
    globalThis.last = credential
    out.textContent = JSON.stringify(await call(kind, { ...wish, response: credential.toJSON() }))
  } catch (error) { globalThis.problem = error.message; out.textContent = error.name }
}
document.getElementById('create').addEventListener('click', () => run('create'))
document.getElementById('get').addEventListener('click', () => run('get'))
globalThis.run = run`
const passkeyPage = (nonce = '', more = ''): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Passkeys</title></head><body><h1>Passkeys</h1><button id="create">Create</button><button id="get">Sign in</button><p id="out"></p><script${nonce}>${passkeys}\n${more}</script></body></html>`

export const pages: Readonly<Record<string, string>> = {
  '/plain': page('Sign in', signIn()),
  '/welcome': page('Welcome', '<p>You are signed in.</p>'),
  '/declined': page(
    'Pay',
    `<p role="alert">The card was declined.</p><form method="post" action="/session">${number}${code}<button>Pay</button></form>`,
  ),
  '/refused': page('Sign in', `<p role="alert">Wrong user name or password.</p>${signIn()}`),
  '/step-one': page('Sign in', `<form method="get" action="/step-two">${user}<button>Next</button></form>`),
  '/step-two': page(
    'Sign in',
    `<form method="post" action="/session">${secret}<button>Sign in</button></form>`,
    `document.getElementById('pass').focus()`,
  ),
  '/spa': page(
    'Sign in',
    `<div id="box">${user}${secret}<p id="error" role="alert"></p><button id="go" type="button">Sign in</button></div>`,
    spa,
  ),
  '/framework': page('Sign in', signIn(), framework),
  '/shadow-open': page('Sign in', '<sign-in></sign-in>', shadow('open')),
  '/shadow-beside': page(
    'Sign in',
    `<form>${user}${secret}<button>Sign in</button></form><div id="widget"><p>Loading</p></div>`,
    shadowBeside,
  ),
  '/shadow-closed': page('Sign in', '<sign-in></sign-in>', shadow('closed')),
  '/shadow-custom-beside': page('Sign in', `${signIn()}<sign-in></sign-in>`, shadow('closed')),
  '/shadow-name': page('Sign in', `<user-name></user-name>${secret}`, shadowName),
  '/frame-same': page('Account', '<iframe name="inner" src="/plain" width="500" height="300"></iframe>'),
  '/user-code': page(
    'Sign in',
    `<form method="post" action="/session"><label>User code <input name="user" id="user"></label>${secret}<button>Sign in</button></form>`,
  ),
  '/frame-user-code': page('Account', '<iframe name="inner" src="/user-code" width="500" height="300"></iframe>'),
  '/frame-cross': page('Partner', '<iframe name="inner" src="https://shop.example:{port}/plain" width="500" height="300"></iframe>'),
  '/frame-sandboxed': page(
    'Partner',
    '<iframe name="inner" sandbox="allow-scripts allow-forms" src="/plain" width="500" height="300"></iframe>',
  ),
  '/sign-up': page(
    'Create account',
    `<form method="post" action="/session"><label>E-mail <input name="user" id="user" type="email" autocomplete="email"></label>
     <label>Choose a password <input name="pass" id="pass" type="password" autocomplete="new-password"></label>
     <label>Repeat the password <input name="again" id="again" type="password" autocomplete="new-password"></label><button>Create account</button></form>`,
  ),
  '/sign-up-rules': page(
    'Create account',
    `<form method="post" action="/session"><label>E-mail <input name="user" type="email" autocomplete="email"></label>
     <label>Choose a PIN <input name="pass" id="pass" type="password" autocomplete="new-password" passwordrules="minlength: 6; maxlength: 8; required: digit; allowed: digit"></label><button>Create account</button></form>`,
  ),
  '/change-password': page(
    'Change password',
    `<form method="post" action="/session"><label>Current password <input name="old" id="old" type="password" autocomplete="current-password"></label>
     <label>New password <input name="pass" id="pass" type="password" autocomplete="new-password"></label>
     <label>Repeat the new password <input name="again" id="again" type="password" autocomplete="new-password"></label><button>Change password</button></form>`,
  ),
  '/off': page('Sign in', signIn('autocomplete="off"')),
  '/code': page(
    'Verification',
    '<form method="post" action="/session"><label>Verification code <input name="code" id="code" autocomplete="one-time-code" inputmode="numeric"></label><button>Continue</button></form>',
  ),
  '/code-boxes': page(
    'Verification',
    `<form method="post" action="/session"><p>Type the code that we sent you</p>${Array.from({ length: 6 }, (_, at) => `<input name="code${at + 1}" ${at === 0 ? 'id="code"' : ''} maxlength="1" size="1" inputmode="numeric" aria-label="Digit ${at + 1} of the verification code">`).join('')}<button>Continue</button></form>`,
  ),
  '/frame-code': page('Shop', '<iframe name="inner" src="https://code.example:{port}/code" width="500" height="300"></iframe>'),
  '/search': page(
    'Shop',
    '<form role="search" action="/search"><input type="search" name="q" id="q" aria-label="Search"><button>Search</button></form>',
  ),
  // the password's step has the focus before it can be seen
  '/fading': page(
    'Sign in',
    `<div id="step" style="opacity:0;transition:opacity .6s">${signIn()}</div>`,
    `addEventListener('load', () => setTimeout(() => { document.getElementById('pass').focus(); document.getElementById('step').style.opacity = 1 }, 700))`,
  ),
  // no form, no name, no autocomplete, a button that is none; in Norwegian
  '/bare': page(
    'Logg inn',
    '<div id="box"><div><span>E-post eller mobil</span><input id="user"></div><div><span>Passord</span><input id="pass" type="password"></div><div class="btn" role="button" tabindex="0" id="go">Logg inn</div></div><p id="error"></p>',
    spa,
  ),
  // drawn a while after loading, and drawn anew when somebody comes near
  '/late': page(
    'Sign in',
    '<div id="root"></div>',
    `
const draw = () => { root.innerHTML = '${signIn()}' }
let drawn = 0
setTimeout(draw, 400)
root.addEventListener('focusin', (event) => { if (drawn++ === 0) { const id = event.target.id; draw(); document.getElementById(id).focus() } })`,
  ),
  '/nothing': page('Text', '<p>Nothing to fill in here.</p>'),
  '/elsewhere-action': page('Sign in', signIn('', 'https://collector.example:{port}/session')),
  '/insecure-action': page('Sign in', signIn('', 'http://shop.example:{port}/session')),
  '/card': page(
    'Pay',
    `<form>${holder}${number}<label>Expiry date <input name="expiry" autocomplete="cc-exp" placeholder="MM/YY"></label>${code}<button>Pay</button></form>`,
  ),
  '/card-yyyy': page(
    'Pay',
    `<form>${number}<label>Valid until (YYYY/MM) <input name="expiry" placeholder="YYYY/MM"></label>${code}<button>Pay</button></form>`,
  ),
  // a check-out as most Swedish shops have it
  '/card-nordic': page(
    'Betal',
    `<form><label>Kortnummer <input name="number" id="number" inputmode="numeric"></label><label>Gyldig til <input name="expiry" placeholder="MM/ÅÅ" maxlength="5" inputmode="numeric"></label><label>CVC <input name="code" maxlength="4" inputmode="numeric"></label><button>Betal</button></form>`,
  ),
  '/card-split': page(
    'Betal',
    `<form><fieldset><legend>Card number</legend>${split}</fieldset>${holder}<label>Expiry month <input name="month" autocomplete="cc-exp-month" maxlength="2"></label><label>Expiry year <input name="year" autocomplete="cc-exp-year" maxlength="2"></label>${code}<button>Pay</button></form>`,
  ),
  '/card-select': page(
    'Pay',
    `<form>${number}<label>Month <select name="month" autocomplete="cc-exp-month"><option value="">MM</option>${months}</select></label><label>Year <select name="year" autocomplete="cc-exp-year"><option value="">YYYY</option>${years}</select></label>${code}<button>Pay</button></form>`,
  ),
  // check-outs that are sent off
  '/pay': page(
    'Pay',
    `<form method="post" action="/session">${holder}${number}<label>Expiry date <input name="expiry" autocomplete="cc-exp" placeholder="MM/YY"></label><label>Security code (CVC) <input name="code" type="password" autocomplete="cc-csc" maxlength="4"></label><button>Pay</button></form>`,
  ),
  '/pay-parts': page(
    'Betal',
    `<form method="post" action="/session"><fieldset><legend>Card number</legend>${split}</fieldset><label>Month <select name="month" autocomplete="cc-exp-month"><option value="">MM</option>${months}</select></label><label>Year <select name="year" autocomplete="cc-exp-year"><option value="">YYYY</option>${years}</select></label>${code}<button>Pay</button></form>`,
  ),
  '/card-hosted': page('Shop', '<iframe name="inner" src="https://pay.example:{port}/card" width="600" height="400"></iframe>'),
  '/passkey': passkeyPage(),
  '/passkey-strict': passkeyPage(' nonce="own"'),
  // a sign-in that waits at its field until somebody chooses a passkey there
  '/passkey-field': passkeyPage(
    '',
    `globalThis.stop = new AbortController()
globalThis.change = (options) => {
  document.body.dataset.waits = 'yes'
  return { ...options, mediation: 'conditional', signal: stop.signal }
}
document.querySelector('h1').insertAdjacentHTML('afterend', '<form><label>User name <input id="user" name="user" autocomplete="username webauthn"></label><label>Comment <input id="other" name="other" autocomplete="username"></label></form>')
run('get')`,
  ),
  '/passkey-frame': page('Partner', '<iframe name="inner" src="https://kari.github.io:{port}/passkey" width="500" height="300"></iframe>'),
  '/passkey-frame-allowed': page(
    'Partner',
    '<iframe name="inner" allow="publickey-credentials-get *; publickey-credentials-create *" src="https://kari.github.io:{port}/passkey" width="500" height="300"></iframe>',
  ),
  '/passkey-frame-same': page('Account', '<iframe name="inner" src="/passkey" width="500" height="300"></iframe>'),
  '/passkey-frame-sandboxed': page(
    'Account',
    '<iframe name="inner" sandbox="allow-scripts" src="/passkey" width="500" height="300"></iframe>',
  ),
  '/dialog': page(
    'Shop',
    `<button id="open" type="button">Sign in</button><dialog id="dialog">${signIn()}</dialog>`,
    `document.getElementById('open').addEventListener('click', () => document.getElementById('dialog').showModal())`,
  ),
}

/** What stands in the pages for cards when this one was chosen: 4111 1111 1111 1111, Kari Nordmann, valid until October 2028. */
export const filledCards: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['/card', { holder: 'Kari Nordmann', number: '4111111111111111', expiry: '10/28', code: '' }],
  ['/card-yyyy', { number: '4111111111111111', expiry: '2028/10', code: '' }],
  ['/card-nordic', { number: '4111111111111111', expiry: '10/28', code: '' }],
  ['/card-split', { card1: '4111', card2: '1111', card3: '1111', card4: '1111', month: '10', year: '28', code: '' }],
  ['/card-select', { number: '4111111111111111', month: '10', year: '2028', code: '' }],
]
