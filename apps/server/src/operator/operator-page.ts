/** The operators' page (H1): figures, support cases, announcements, audit log. Written by the server, without script. Counts only; nothing of any account. */
import { statusPageMessages, type Language } from '@nokkel/messages'
import type { AuditEntry } from '../audit/audit-chain.ts'
import { escapeHtml as e } from '../http/html.ts'
import type { SmsFigures } from '../sms/sms-health.ts'
import { services, textMost, titleMost } from '../status/model.ts'
import type { SaidBoard, SaidEvent } from '../status/status-words.ts'
import type { ListedCase } from '../support/support.ts'
import { supportSection } from './support-section.ts'

export interface OperatorView {
  readonly language: Language
  readonly operator: string
  readonly formToken: string
  readonly board: SaidBoard
  readonly accounts: number
  /** null: no gateway */
  readonly sms: SmsFigures | null
  readonly cases: readonly ListedCase[]
  readonly audit: readonly AuditEntry[]
  readonly nowMs: number
  /** the field that the last form was refused for */
  readonly refused: string | null
}

type Words = Readonly<Record<string, string>>

function field(name: string, label: string, attributes = ''): string {
  return `<label><span>${e(label)}</span><input name="${name}" maxlength="${titleMost}" ${attributes}></label>`
}
function area(name: string, label: string): string {
  return `<label><span>${e(label)}</span><textarea name="${name}" maxlength="${textMost}" rows="2"></textarea></label>`
}
function choice(name: string, label: string, options: readonly (readonly [string, string])[]): string {
  const all = options.map(([value, text]) => `<option value="${value}">${e(text)}</option>`)
  return `<label><span>${e(label)}</span><select name="${name}">${all.join('')}</select></label>`
}

function eventForm(event: SaidEvent, token: string, words: Words): string {
  const word = (key: string): string => words[key] ?? key
  const states = ['investigating', 'identified', 'monitoring'].map((state) => [state, word(`state.${state}`)] as const)
  return `<article class="event" data-level="${event.level}"><h3>${e(event.title)}</h3>
<p class="quiet">${e(event.services.map(({ title }) => title).join(', '))} · ${new Date(event.startMs).toISOString().slice(0, 16)} UTC</p>
<form method="post" action="/operator/update">${token}<input type="hidden" name="id" value="${event.id}">
${choice('state', word('op.state'), states)}${area('textEn', word('op.text-en'))}${area('textNb', word('op.text-nb'))}
<p><button>${e(word('op.update'))}</button> <button formaction="/operator/resolve">${e(word('op.resolve'))}</button></p></form></article>`
}

export function operatorPage(view: OperatorView): string {
  const { language, board, audit, sms } = view
  const words: Words = statusPageMessages[language]
  const word = (key: string, params: Readonly<Record<string, string | number>> = {}): string =>
    (words[key] ?? key).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '…'))
  const token = `<input type="hidden" name="formToken" value="${view.formToken}">`
  const open = board.events.filter(({ phase }) => phase !== 'resolved')
  const boxes = services.map(
    (name) => `<label class="tick"><input type="checkbox" name="services" value="${name}"> ${e(word(`service.${name}`))}</label>`,
  )
  const levels = (['issue', 'outage', 'maintenance'] as const).map((level) => [level, word(`level.${level}`)] as const)
  const smsText =
    sms === null
      ? word('op.sms-none')
      : `${word('op.sms', { sent: sms.sent, failed: sms.failed })}${sms.lastReason === null ? '' : `. ${word('op.sms-last', { reason: sms.lastReason })}`}`
  const rows = audit.map(
    ({ timeMs, operator, action, subject, detail }) =>
      `<tr><td>${new Date(timeMs).toISOString().slice(0, 19).replace('T', ' ')}</td><td>${e(operator)}</td><td>${e(action)}</td><td>${e(subject)} ${e(detail)}</td></tr>`,
  )
  const title = word('op.title', { name: board.name })
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${e(title)}</title>
<link rel="stylesheet" href="/status/style.css">
<link rel="stylesheet" href="/operator/style.css">
</head>
<body>
<header><span>${e(word('op.who', { name: view.operator }))}</span><form method="post" action="/operator/sign-out">${token}<button>${e(word('op.sign-out'))}</button></form></header>
<main>
<h1>${e(title)}</h1>
<p class="overall" data-level="${board.overall}">${e(board.overallText)} <a href="/status">${e(word('op.page'))}</a></p>
${view.refused === null ? '' : `<p class="refused" role="alert">${e(word('op.refused', { what: view.refused }))}</p>`}
<section><h2>${e(word('op.figures'))}</h2><p>${e(word('op.accounts'))}: ${view.accounts}</p><p>${e(smsText)}</p></section>
${supportSection(language, view.cases, view.nowMs)}
<section><h2>${e(word('op.events'))}</h2>${open.length === 0 ? `<p class="quiet">${e(word('op.none'))}</p>` : open.map((event) => eventForm(event, token, words)).join('\n')}</section>
<section><h2>${e(word('op.post'))}</h2>
<form method="post" action="/operator/post">${token}
<fieldset><legend>${e(word('services'))}</legend>${boxes.join('')}</fieldset>
${choice('level', word('op.level'), levels)}${field('titleEn', word('op.title-en'))}${field('titleNb', word('op.title-nb'))}
${area('textEn', word('op.text-en'))}${area('textNb', word('op.text-nb'))}
${field('from', word('op.from'), 'type="datetime-local"')}${field('until', word('op.until'), 'type="datetime-local"')}
<p><button>${e(word('op.save'))}</button></p></form></section>
<section><h2>${e(word('op.audit'))}</h2>${rows.length === 0 ? `<p class="quiet">${e(word('op.none'))}</p>` : `<div class="wide" tabindex="0" role="region" aria-label="${e(word('op.audit'))}"><table><tbody>${rows.join('')}</tbody></table></div>`}</section>
</main>
</body>
</html>
`
}

export const operatorStyle = `form label { display: block; margin: .6rem 0 }
form label span { display: block; font-size: .9rem; color: var(--quiet) }
form .tick { margin: .25rem 0 }
input:not([type=checkbox], [type=hidden]), textarea, select { width: 100%; padding: .5rem .6rem; font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--quiet); border-radius: .35rem }
fieldset { border: 1px solid var(--line); border-radius: .35rem }
button { min-height: 2.75rem; padding: .4rem 1rem; font: inherit; color: inherit; background: var(--box); border: 1px solid var(--quiet); border-radius: .35rem; cursor: pointer }
.refused { color: var(--bad); font-weight: 600 }
.wide { overflow-x: auto }
table { border-collapse: collapse; font-size: .85rem; white-space: nowrap }
td, th { padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); text-align: start; vertical-align: top }
.cases td { white-space: normal }
@media (max-width: 40rem) {
.cases thead { display: none }
.cases tr { display: block; padding: .5rem 0; border-bottom: 1px solid var(--line) }
.cases td { display: block; border: 0; padding: .1rem 0 }
.cases td::before { content: attr(data-label) ": "; color: var(--quiet) }
}
`
