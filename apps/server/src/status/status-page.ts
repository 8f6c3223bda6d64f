/** The page at `/status`: written by the server, readable without script, on a phone and in the dark. Nothing inline, nothing from elsewhere. */
import { statusPageMessages } from '@nokkel/messages'
import { escapeHtml as e } from '../http/html.ts'
import type { SaidBoard, SaidEvent } from './status-words.ts'

export const recentMs = 30 * 24 * 3_600_000

function time(ms: number, language: SaidBoard['language']): string {
  const format = new Intl.DateTimeFormat(language === 'nb' ? 'nb-NO' : 'en-GB', {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `<time datetime="${new Date(ms).toISOString()}">${e(format.format(ms))}</time>`
}

function eventHtml(event: SaidEvent, { language }: SaidBoard): string {
  const words = statusPageMessages[language]
  const until = event.endedMs ?? event.plannedEndMs
  const when =
    until === null
      ? words.from.replace('{time}', time(event.startMs, language))
      : words.span.replace('{from}', time(event.startMs, language)).replace('{to}', time(until, language))
  const concerns = words.affects.replace('{services}', event.services.map(({ title }) => title).join(', '))
  const updates = event.updates.map(
    (update) => `<li><p><strong>${e(update.stateText)}</strong> ${time(update.timeMs, language)}</p><p>${e(update.text)}</p></li>`,
  )
  return `<article class="event" id="event-${event.id}" data-level="${event.phase === 'resolved' ? 'over' : event.level}">
<h3>${e(event.title)}</h3>
<p class="quiet">${when}<br>${e(concerns)}</p>
<ol>${updates.join('')}</ol>
</article>`
}

function section(title: string, events: readonly SaidEvent[], board: SaidBoard, otherwise = ''): string {
  if (events.length === 0 && otherwise === '') return ''
  const body = events.length === 0 ? `<p class="quiet">${e(otherwise)}</p>` : events.map((event) => eventHtml(event, board)).join('\n')
  return `<section><h2>${e(title)}</h2>\n${body}\n</section>`
}

export function statusPage(board: SaidBoard, nowMs: number): string {
  const { language } = board
  const words = statusPageMessages[language]
  const other = language === 'nb' ? 'en' : 'nb'
  const title = words.of.replace('{name}', board.name)
  const ongoing = board.events.filter(({ phase }) => phase === 'ongoing')
  const planned = board.events.filter(({ phase }) => phase === 'planned').toReversed()
  const recent = board.events.filter((event) => event.phase === 'resolved' && nowMs - (event.endedMs ?? 0) < recentMs)
  const rows = board.services.map(
    (service) => `<li data-level="${service.level ?? 'absent'}">
<span class="service"><span class="name">${e(service.title)}</span> <span class="quiet">${e(service.about)}</span></span>
<span class="level">${e(service.levelText)}</span></li>`,
  )
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${e(title)}</title>
<link rel="stylesheet" href="/status/style.css">
<link rel="alternate" type="application/atom+xml" href="/status/atom.xml?lang=${language}" title="${e(title)}">
</head>
<body>
<header>
<a href="/">${e(words.home)}</a>
<a href="/status?lang=${other}" lang="${other}" hreflang="${other}">${e(words.otherLanguage)}</a>
</header>
<main>
<h1>${e(title)}</h1>
<p class="overall" role="status" data-level="${board.overall}">${e(board.overallText)}</p>
${board.overall === 'available' ? '' : `<p>${e(words.meanwhile)}</p>\n`}<section>
<h2>${e(words.services)}</h2>
<ul class="services">
${rows.join('\n')}
</ul>
</section>
${section(words.ongoing, ongoing, board)}
${section(words.planned, planned, board)}
${section(words.recent, recent, board, words['none-recent'])}
</main>
<footer>
<p>${board.measuredMs === null ? e(words['measured-never']) : words.measured.replace('{time}', time(board.measuredMs, language))}</p>
<p><a href="/status/atom.xml?lang=${language}">${e(words.feed)}</a> <a href="/status/summary.json">${e(words.data)}</a></p>
</footer>
</body>
</html>
`
}

export const statusStyle = `:root { color-scheme: light dark; --ink: #1b1f23; --paper: #fcfcfa; --quiet: #57606a; --line: #d6d9dc; --box: #f1f2ef; --link: #0b5394; --good: #1a6b3a; --warn: #8a5300; --bad: #b3261e; --work: #0b5394 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9ea; --paper: #15181b; --quiet: #a3abb3; --line: #363c42; --box: #1f2428; --link: #8ec1f5; --good: #6fd198; --warn: #f0b45b; --bad: #ff9a90; --work: #8ec1f5 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.55 system-ui, sans-serif }
header, main, footer { max-width: 46rem; margin: 0 auto; padding: 0 1.25rem }
header { display: flex; justify-content: space-between; gap: 1rem; padding-top: 1rem }
header a, footer a { display: inline-block; padding: .5rem 0 }
h1 { font-size: clamp(1.6rem, 5vw, 2.3rem); line-height: 1.15; margin: 1.25rem 0 1rem; letter-spacing: -.01em; overflow-wrap: anywhere }
h2 { font-size: 1.2rem; margin: 2.25rem 0 .5rem }
h3 { font-size: 1.0625rem; margin: 0 0 .25rem; overflow-wrap: anywhere }
p { margin: .35rem 0 }
a { color: var(--link) }
.quiet { color: var(--quiet); font-size: .9rem }
[data-level=available] { --tone: var(--good) }
[data-level=issue] { --tone: var(--warn) }
[data-level=outage] { --tone: var(--bad) }
[data-level=maintenance] { --tone: var(--work) }
[data-level=absent], [data-level=over] { --tone: var(--quiet) }
.overall { font-size: 1.15rem; font-weight: 600; padding: .9rem 1.1rem; border: 1px solid var(--tone); border-left-width: .4rem; border-radius: .5rem; background: var(--box) }
.services { list-style: none; margin: 0; padding: 0; border: 1px solid var(--line); border-radius: .5rem }
.services li { display: flex; justify-content: space-between; align-items: center; gap: 1rem; padding: .75rem 1rem }
.services li + li { border-top: 1px solid var(--line) }
.service .name { display: block; font-weight: 600 }
.level { color: var(--tone); font-weight: 600; white-space: nowrap }
.level::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .5em; border-radius: 50%; background: currentColor }
[data-level=issue] .level::before { border-radius: .1em; transform: rotate(45deg) }
[data-level=outage] .level::before { border-radius: .1em }
@media (max-width: 30rem) {
.services li { display: block }
.services .level { display: block; margin-top: .25rem }
}
.event { border-left: .25rem solid var(--tone); padding: .1rem 0 .1rem 1rem; margin: 1rem 0 }
.event ol { list-style: none; margin: .5rem 0 0; padding: 0 }
.event ol li { margin: 0 0 .6rem; overflow-wrap: anywhere; white-space: pre-line }
.event time { color: var(--quiet); font-size: .9rem }
footer { margin-top: 2.5rem; padding-top: .75rem; padding-bottom: 2rem; color: var(--quiet); font-size: .9rem }
footer a { margin-right: 1.25rem }
:focus-visible { outline: .2rem solid var(--link); outline-offset: .15rem }
`
