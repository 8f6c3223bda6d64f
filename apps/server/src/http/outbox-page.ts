/** The developer's outbox as a page: only where messages are not really sent, only to this machine, and only by this machine's own names. */
import type { Hono } from 'hono'
import { NokkelError } from '@nokkel/base'
import { isLocal } from '../operator/operator-http.ts'
import type { Services } from '../services.ts'
import type { AppEnvironment } from './app.ts'
import { problemResponse } from './problems.ts'

const headers = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
/** A page elsewhere whose name was pointed here must not read codes (DNS rebinding). */
const ownNames = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function outboxPage(app: Hono<AppEnvironment>, { outbox }: Services): void {
  if (outbox === null) return
  app.get('/outbox', (c) => {
    const { incoming } = c.env
    if (!isLocal(incoming) || !ownNames.test(incoming.headers.host ?? '')) return problemResponse(new NokkelError('not-found'), headers)
    const rows = outbox.recent.map(
      ({ timeMs, channel, to, subject, text }) =>
        `<section><h2>${escaped(channel)} · ${escaped(to)}</h2><p>${new Date(timeMs).toISOString()}</p><p>${escaped(subject)}</p><pre>${escaped(text)}</pre></section>`,
    )
    const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Outbox</title><link rel="stylesheet" href="/style.css"></head><body><main><h1>Outbox</h1><p><strong>For developers.</strong> Nothing here was sent. Set NOKKEL_SMS and NOKKEL_MAIL before anybody depends on this server.</p>${rows.join('')}</main></body></html>`
    return new Response(page, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
  })
}
