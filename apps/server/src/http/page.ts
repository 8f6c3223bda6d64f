/** The page at `/`: what this server is, that it runs, and how to begin. No script, no inline style, nothing from elsewhere. */
import { serverPageMessages } from '@nokkel/messages'
import { escapeHtml, languageOf } from './html.ts'

export interface ShownServer {
  readonly name: string
  readonly version: string
  readonly registration: 'open' | 'closed'
}

export function serverPage(acceptLanguage: string | undefined, server: ShownServer): string {
  const language = languageOf(acceptLanguage)
  const words = serverPageMessages[language]
  const e = escapeHtml
  const registration = server.registration === 'open' ? words.registrationOpen : words.registrationClosed
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${e(server.name)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<main>
<h1>${e(server.name)}</h1>
<p class="running" role="status">${e(words.running)}</p>
<p>${e(words.what)}</p>
<p>${e(words.sees)}</p>
<h2>${e(words.begin)}</h2>
<p>${e(registration)}</p>
<ol>
<li><p>${e(words.stepCreate)}</p><pre><code>npx nokkel account create --server ${e(words.address)} --email ${e(words.email)}</code></pre></li>
<li><p>${e(words.stepSecond)}</p><pre><code>npx nokkel sign-in --server ${e(words.address)} --email ${e(words.email)}
npx nokkel join</code></pre></li>
<li><p>${e(words.stepApprove)}</p><pre><code>npx nokkel devices</code></pre></li>
</ol>
<footer><p>Nøkkelring ${e(server.version)} · <a href="/openapi.json">${e(words.interface)}</a></p></footer>
</main>
</body>
</html>
`
}

export const pageStyle = `:root { color-scheme: light dark; --ink: #1b1f23; --paper: #fcfcfa; --quiet: #57606a; --line: #d6d9dc; --good: #1a6b3a; --box: #f1f2ef; --link: #0b5394 }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e9ea; --paper: #15181b; --quiet: #a3abb3; --line: #363c42; --good: #6fd198; --box: #1f2428; --link: #8ec1f5 } }
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1.0625rem/1.6 system-ui, sans-serif }
main { max-width: 42rem; margin: 0 auto; padding: clamp(1.25rem, 6vw, 4rem) 1.25rem }
h1 { font-size: clamp(1.75rem, 6vw, 2.5rem); line-height: 1.15; margin: 0 0 .75rem; letter-spacing: -.01em }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem }
.running { color: var(--good); font-weight: 600 }
.running::before { content: ""; display: inline-block; width: .6em; height: .6em; margin-right: .5em; border-radius: 50%; background: currentColor }
ol { padding-left: 1.4rem }
li p { margin: 1.25rem 0 .5rem }
pre { margin: 0; padding: .75rem 1rem; overflow-x: auto; background: var(--box); border: 1px solid var(--line); border-radius: .4rem; font-size: .9rem }
a { color: var(--link) }
footer { margin-top: 3rem; border-top: 1px solid var(--line); color: var(--quiet); font-size: .9rem }
`
