/**
 * The window that asks a person whether a passkey may be made or used. It shows what the background says, under the site's name as people may
 * read it, and reports what is pressed; it knows no key. Closing it is a no.
 */
import '@nokkel/ui/base.css'
import '../ui/asking.css'
import './consent.css'
import { createMessages, pickLanguage, type Messages } from '@nokkel/messages/extension'
import { browser } from '../browser.ts'
import type { SurfaceFault } from '../content/messages.ts'
import { make, type Child } from '../ui/make.ts'
import type { BackgroundToConsent, ConsentAccount, ConsentToBackground, ConsentView } from './protocol.ts'

const app = document.getElementById('app')
const aliveMs = 20_000

const port = browser.runtime.connect({ name: 'consent' })
const say = (message: ConsentToBackground): void => port.postMessage(message)
let words: Messages = createMessages('en')
/** An answer is on its way: what is pressed twice is asked once. */
let busy = false
/** the account that Enter is about, where there is no choice */
let goes: string | undefined

const passcodeField = (label: string, required: boolean): readonly Child[] => {
  const input = make('input', { id: 'passcode', type: 'password', autocomplete: 'off', 'aria-describedby': 'failure' })
  input.required = required
  // Enter says yes to what was typed; with nothing typed it may have been meant for the page
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && input.value !== '' && goes !== undefined) yes(goes, event)
  })
  return [make('label', { for: 'passcode' }, label), input]
}
const typed = (): string => {
  const field = document.getElementById('passcode')
  return field instanceof HTMLInputElement ? field.value : ''
}

/** A press before a person can have read what is there was aimed at something else. */
const dwellMs = 500
let since = performance.now()
/** No page can draw into this window, but one can hold another in front of it and take that away: then it counts from there. */
const again = (): void => {
  since = performance.now()
}

function pressFault(event: Event): SurfaceFault | null {
  if (!event.isTrusted) return 'untrusted'
  if (document.visibilityState !== 'visible' || !document.hasFocus()) return 'not-visible'
  return performance.now() - since < dwellMs ? 'too-soon' : null
}

function yes(id: string, event: Event): void {
  if (busy) return
  const seen = pressFault(event)
  if (seen !== null) return
  const field = document.getElementById('passcode')
  if (field instanceof HTMLInputElement && !field.reportValidity()) return
  busy = true
  say({ type: 'yes', id, passcode: typed(), seen })
}

function button(label: string, look: string, act: (event: Event) => void): HTMLButtonElement {
  const element = make('button', { type: 'button', class: look }, label)
  element.addEventListener('click', act)
  return element
}

const nameOf = ({ username, displayName }: ConsentAccount): string => (username === '' ? displayName : username)
function accountText(account: ConsentAccount): readonly Child[] {
  const title = nameOf(account)
  const more = account.displayName !== '' && account.displayName !== title ? [make('span', { class: 'detail' }, account.displayName)] : []
  return [make('span', { class: 'title' }, title === '' ? words.t('web.item.untitled') : title), ...more]
}

/** What is asked, and what it is answered with. */
function question(view: ConsentView): readonly Child[] {
  const { t } = words
  const [only, ...others] = view.accounts
  if (view.step === 'locked') {
    const unlock = make(
      'form',
      { class: 'part' },
      ...passcodeField(t('web.passcode'), true),
      make('button', { class: 'main' }, t('web.locked.unlock')),
    )
    unlock.addEventListener('submit', (event) => {
      event.preventDefault()
      if (busy || !event.isTrusted) return
      busy = true
      say({ type: 'unlock', passcode: typed() })
    })
    return [make('p', {}, t('extension.passkey.locked')), unlock]
  }
  if (view.step === 'none' || only === undefined) return [make('p', {}, t('extension.passkey.none'))]
  if (view.step === 'excluded')
    return [make('p', {}, t('extension.passkey.excluded')), button(t('extension.passkey.ok'), 'main', (event) => yes('', event))]
  const passcode =
    view.passcode === 'none'
      ? []
      : passcodeField(
          t(view.passcode === 'needed' ? 'extension.passkey.passcode' : 'extension.passkey.passcode-optional'),
          view.passcode === 'needed',
        )
  if (view.kind === 'get' && others.length > 0) {
    const rows = view.accounts.map((account) => {
      const row = button('', 'row', (event) => yes(account.id, event))
      row.append(...accountText(account))
      return make('li', {}, row)
    })
    return [...passcode, make('ul', { class: 'rows', 'aria-label': t('extension.passkey.choose') }, ...rows)]
  }
  const replaces = view.replaces ? [make('p', { class: 'note' }, t('extension.passkey.replaces'))] : []
  const go = button(t(view.kind === 'create' ? 'extension.passkey.create' : 'extension.passkey.use'), 'main', (event) =>
    yes(only.id, event),
  )
  return [make('p', { class: 'account' }, ...accountText(only)), ...replaces, ...passcode, go]
}

function show(view: ConsentView): void {
  const language = view.language === 'system' ? pickLanguage(navigator.languages) : view.language
  words = createMessages(language)
  const { t } = words
  document.documentElement.lang = language
  busy = false
  goes = view.step === 'choose' && view.accounts.length === 1 ? view.accounts[0]?.id : undefined
  const title = t(view.kind === 'create' ? 'extension.passkey.create-title' : 'extension.passkey.use-title')
  const notes: string[] = []
  if (view.page !== null) notes.push(t('extension.passkey.page', { page: view.page }))
  if (view.around !== null) notes.push(t('extension.passkey.around', { site: view.around }))
  app?.replaceChildren(
    make('h1', {}, title),
    make('p', { class: 'site' }, view.site),
    ...notes.map((text) => make('p', { class: 'note' }, text)),
    ...question(view),
    make('p', { id: 'failure', class: 'failure', role: 'alert' }),
    make(
      'div',
      { class: 'buttons' },
      button(t('extension.passkey.elsewhere'), 'plain', (event) => event.isTrusted && say({ type: 'elsewhere' })),
      button(t('web.cancel'), 'plain', () => say({ type: 'no' })),
    ),
  )
  document.getElementById('passcode')?.focus()
  again()
}

port.onMessage.addListener((raw) => {
  const message = raw as BackgroundToConsent
  if (message.type === 'view') show(message.view)
  else if (message.type === 'done') window.close()
  else {
    busy = false
    const { message: text, hint } = words.errorText(message.code, message.params)
    document.getElementById('failure')?.replaceChildren(`${text} ${hint}`)
  }
})
// the background is gone, or this window stands for nothing any more
port.onDisconnect.addListener(() => window.close())
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.isTrusted) say({ type: 'no' })
})
for (const name of ['focus', 'resize']) window.addEventListener(name, again)
document.addEventListener('visibilitychange', again)
setInterval(() => say({ type: 'alive' }), aliveMs)
say({ type: 'hello', token: location.hash.slice(1) })
