/**
 * The frame at a field: a list to choose from, or the question whether to save. Inside of a page, so it starts empty, gets its token from the
 * content script in a message that only this origin can read, and asks the background what to show. Without a token it stays empty.
 */
import '@nokkel/ui/base.css'
import '../ui/asking.css'
import './inline.css'
import { createMessages, pickLanguage, type Messages } from '@nokkel/messages/extension'
import { browser, type Port } from '../browser.ts'
import { make, type Child } from '../ui/make.ts'
import type { BackgroundToInline, InlineRow, InlineToBackground, InlineView } from './protocol.ts'
import { clickFault, startLooking } from './seen.ts'

const app = document.getElementById('app')

/** Whether to save. */
type Question = Extract<InlineView, { kind: 'save' | 'update' }>

let say: (message: InlineToBackground) => void = () => undefined
let words: Messages = createMessages('en')
let done = false

/** One click, one answer: what is pressed twice is asked once. */
function press(button: HTMLButtonElement, act: (fault: ReturnType<typeof clickFault>) => InlineToBackground): HTMLButtonElement {
  button.addEventListener('click', (event) => {
    if (done) return
    const fault = clickFault(event)
    // too early is no attack most of the time: the person may click again
    if (fault === 'too-soon') return
    done = true
    say(act(fault))
  })
  return button
}

const leave = (refocus: boolean): void => {
  if (!done) say({ type: 'leave', refocus })
  done = true
}

function rowOf(row: InlineRow): HTMLLIElement {
  const t = words.t
  const [title, detail] =
    row.kind === 'suggestion'
      ? [t('extension.inline.suggestion'), row.title]
      : row.kind === 'unlock'
        ? [t('extension.inline.locked'), t('extension.inline.unlock')]
        : row.kind === 'code'
          ? [t('extension.inline.code'), row.detail === '' ? row.title : row.detail]
          : [row.title === '' ? t('web.item.untitled') : row.title, row.kind === 'passkey' ? t('extension.inline.passkey') : row.detail]
  const button = make('button', { type: 'button', class: 'row' }, make('span', { class: 'title' }, title))
  if (detail !== '') button.append(make('span', { class: row.kind === 'suggestion' ? 'detail mono' : 'detail' }, detail))
  return make(
    'li',
    {},
    press(button, (seen) => ({ type: 'choose', id: row.id, seen })),
  )
}

function menu(view: Extract<InlineView, { kind: 'menu' }>): readonly Child[] {
  const label = words.t('extension.inline.menu')
  const list = make('ul', { class: 'rows', 'aria-label': label }, ...view.rows.map(rowOf))
  const parts: Child[] = [make('h1', { class: 'hidden' }, label), list]
  if (view.origin !== null) parts.unshift(make('p', { class: 'note' }, words.t('extension.inline.other-origin', { origin: view.origin })))
  if (view.said !== null) parts.unshift(make('p', { class: 'note' }, words.t('extension.inline.said-site', { site: view.said })))
  return parts
}

function pastedCode({ row, host, site }: Extract<InlineView, { kind: 'pasted' }>): readonly Child[] {
  const { t } = words
  if (row === null) return [make('p', { class: 'note', role: 'alert' }, t('extension.inline.pasted-other', { host, site }))]
  const choice = rowOf({ id: row.id, kind: 'code', title: '', detail: row.code })
  const title = t('extension.inline.code')
  return [
    make('p', { class: 'note' }, t('extension.inline.pasted-site', { host, site })),
    make('ul', { class: 'rows', 'aria-label': title }, choice),
  ]
}

const leaveButton = (): HTMLButtonElement => {
  const later = make('button', { type: 'button', class: 'plain' }, words.t('extension.save.not-now'))
  later.addEventListener('click', () => leave(false))
  return later
}
const neverButton = (): HTMLButtonElement =>
  press(make('button', { type: 'button', class: 'quiet' }, words.t('extension.save.never')), (seen) => ({ type: 'never', seen }))

function cardQuestion({ kind, site }: Question, card: string): readonly Child[] {
  const { t } = words
  const update = kind === 'update'
  const save = make('button', { type: 'button', class: 'main' }, t(update ? 'extension.save.update' : 'extension.save.save'))
  const parts: Child[] = [
    make('h1', {}, t(update ? 'extension.save.update-card-title' : 'extension.save.card-title')),
    make('p', {}, update ? t('extension.save.update-card-text', { card, site }) : t('extension.save.card-text', { card, site })),
    make(
      'div',
      { class: 'buttons' },
      press(save, (seen) => ({ type: 'save', id: '', username: '', seen })),
      leaveButton(),
    ),
  ]
  return update ? parts : [...parts, neverButton()]
}

function question(view: Question): readonly Child[] {
  const { t } = words
  const update = view.kind === 'update'
  if (view.card !== null) return cardQuestion(view, view.card)
  const only = view.items.length === 1 ? view.items[0] : undefined
  const text = update
    ? t('extension.save.update-text', { username: only?.username ?? view.username, site: view.site })
    : t('extension.save.save-text', { site: view.site })
  const parts: Child[] = [make('h1', {}, t(update ? 'extension.save.update-title' : 'extension.save.save-title')), make('p', {}, text)]
  const username = make('input', { id: 'username', type: 'text', autocomplete: 'off', spellcheck: 'false' })
  username.value = view.username
  if (!update) parts.push(make('label', { for: 'username' }, t('field.username')), username)
  const save = (id: string, label: string, look: string): HTMLButtonElement =>
    press(make('button', { type: 'button', class: look }, label), (seen) => ({ type: 'save', id, username: username.value, seen }))
  if (update && only === undefined) {
    const choices = view.items.map((item) => make('li', {}, save(item.id, item.username === '' ? item.title : item.username, 'row')))
    parts.push(make('ul', { class: 'rows', 'aria-label': text }, ...choices))
  }
  const buttons = make('div', { class: 'buttons' })
  if (!update) buttons.append(save('', t('extension.save.save'), 'main'))
  else if (only !== undefined) buttons.append(save(only.id, t('extension.save.update'), 'main'))
  buttons.append(leaveButton())
  parts.push(buttons)
  if (!update) parts.push(neverButton())
  return parts
}

function show(view: InlineView): void {
  const language = view.language === 'system' ? pickLanguage(navigator.languages) : view.language
  words = createMessages(language)
  document.documentElement.lang = language
  const asks = view.kind === 'save' || view.kind === 'update'
  document.body.dataset['kind'] = asks ? view.kind : 'menu'
  app?.replaceChildren(...(view.kind === 'menu' ? menu(view) : view.kind === 'pasted' ? pastedCode(view) : question(view)))
  // the page chose no height: what is shown does, and no part of a pixel of it is cut off, or nobody could see it as a whole
  say({ type: 'height', height: Math.ceil(app?.getBoundingClientRect().height ?? 0) })
  startLooking()
}

function start(token: string): void {
  const port: Port = browser.runtime.connect({ name: 'inline' })
  say = (message) => port.postMessage(message)
  port.onMessage.addListener((raw) => {
    const message = raw as BackgroundToInline
    if (message.type === 'view') show(message.view)
    else if (message.type === 'refused')
      app?.replaceChildren(make('p', { class: 'note', role: 'alert' }, words.t('extension.inline.refused')))
  })
  say({ type: 'hello', token })
}

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') return leave(true)
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return
  const buttons = [...document.querySelectorAll('button')]
  const at = buttons.findIndex((button) => button === document.activeElement)
  if (at === 0 && event.key === 'ArrowUp') return leave(true)
  event.preventDefault()
  buttons[Math.min(buttons.length - 1, at + (event.key === 'ArrowDown' ? 1 : -1))]?.focus()
})
window.addEventListener('focus', () => {
  if (document.body.dataset['kind'] === 'menu' && document.activeElement === document.body) document.querySelector('button')?.focus()
})

// once: a page that embeds this frame itself has no token to send that would be worth anything
window.addEventListener(
  'message',
  (event) => {
    const token: unknown = (event.data as { readonly token?: unknown } | null)?.token
    if (event.source === window.parent && typeof token === 'string') start(token)
  },
  { once: true },
)
