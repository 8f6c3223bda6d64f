/**
 * The support's cases on the operators' page (F5, H1): state, who opened and who confirmed, time left. It shows and does nothing: opening and
 * confirming a case takes the operator's own key (`nokkel-server support`), and a page that somebody left open is none.
 */
import { statusPageMessages, type Language } from '@nokkel/messages'
import { escapeHtml as e } from '../http/html.ts'
import type { ListedCase } from '../support/support.ts'

const minuteMs = 60_000
/** enough to find a case by, here and in the audit log */
const idShown = 12
const heads = ['op.case', 'op.case-state', 'op.case-opened', 'op.case-confirmed', 'op.case-left']

export function supportSection(language: Language, cases: readonly ListedCase[], nowMs: number): string {
  const words: Readonly<Record<string, string>> = statusPageMessages[language]
  const word = (key: string, params: Readonly<Record<string, number>> = {}): string =>
    e((words[key] ?? key).replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? '…')))

  function left({ state, dueMs }: ListedCase): string {
    if (dueMs === null || (state !== 'waiting' && state !== 'open')) return ''
    const minutes = Math.max(0, Math.ceil((dueMs - nowMs) / minuteMs))
    return word(state === 'waiting' ? 'op.case-opens' : 'op.case-closes', { hours: Math.floor(minutes / 60), minutes: minutes % 60 })
  }
  const day = (ms: number | null): string => (ms === null ? '' : `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`)
  const row = (each: ListedCase): string => {
    const { caseId, state, openedBy, approvedBy, openedMs, endedMs } = each
    const cells = [
      `<code>${e(caseId.slice(0, idShown))}</code>`,
      word(`case.${state}`),
      `${e(openedBy)}<br><small>${day(openedMs)}</small>`,
      approvedBy === null ? word('op.case-nobody') : e(approvedBy),
      left(each) || day(endedMs),
    ]
    return `<tr data-state="${e(state)}">${cells.map((cell, at) => `<td data-label="${word(heads[at] ?? '')}">${cell}</td>`).join('')}</tr>`
  }
  const table = `<div class="wide cases" tabindex="0" role="region" aria-label="${word('op.cases')}"><table><thead><tr>${heads
    .map((head) => `<th scope="col">${word(head)}</th>`)
    .join('')}</tr></thead><tbody>${cases.map(row).join('')}</tbody></table></div>`
  return `<section><h2>${word('op.cases')}</h2>${cases.length === 0 ? `<p class="quiet">${word('op.none')}</p>` : table}
<p class="quiet">${word('op.cases-how')}</p></section>`
}
