/** Pages beside the protocol: health, readiness, metrics, the description of the interface, the web app, and a page for people. */
import type { Context, Hono } from 'hono'
import { NokkelError } from '@nokkel/base'
import { isLoopback } from '../domain/place.ts'
import type { Services } from '../services.ts'
import type { AppEnvironment } from './app.ts'
import { openApiDocument } from './openapi.ts'
import { pageStyle, serverPage } from './page.ts'
import { problemResponse } from './problems.ts'
import { webFileResponse } from './web-app.ts'

const readyForMs = 1_000
const plain = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'",
}
const page = {
  ...plain,
  'content-security-policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'content-type': 'text/html; charset=utf-8',
  vary: 'accept-language',
}

export function systemRoutes(app: Hono<AppEnvironment>, services: Services): void {
  const { config, store, clock, metrics, log, isStopping, webApp } = services
  let checked: { readonly atMs: number; readonly fit: Promise<boolean> } | undefined

  /** Can the database be written? Asked at most once a second, however many ask us. */
  function databaseFit(): Promise<boolean> {
    const now = performance.now()
    if (checked === undefined || now - checked.atMs >= readyForMs) {
      const fit = store.setMeta('ready-ms', String(clock.nowMs())).then(
        () => true,
        (error: unknown) => {
          log.error({ err: error }, 'the database cannot be written')
          return false
        },
      )
      checked = { atMs: now, fit }
    }
    return checked.fit
  }

  app.get('/healthz', () => new Response('ok\n', { headers: { ...plain, 'content-type': 'text/plain' } }))

  app.get('/readyz', async () => {
    if (isStopping() || !(await databaseFit())) return problemResponse(new NokkelError('server-unavailable'), plain)
    return new Response('ready\n', { headers: { ...plain, 'content-type': 'text/plain' } })
  })

  app.get('/metrics', async (c) => {
    const { incoming } = c.env
    // a proxy on this machine also comes from loopback; what it forwards does not count as local
    const isLocal =
      isLoopback(incoming.socket.remoteAddress ?? '') &&
      incoming.headers['x-forwarded-for'] === undefined &&
      incoming.headers.forwarded === undefined
    if (config.metrics === 'off' || (config.metrics === 'loopback' && !isLocal)) return problemResponse(new NokkelError('not-found'), plain)
    return new Response(await metrics.registry.metrics(), { headers: { ...plain, 'content-type': metrics.registry.contentType } })
  })

  let document: string | undefined
  app.get('/openapi.json', () => {
    document ??= JSON.stringify(openApiDocument(services.version))
    return new Response(document, { headers: { ...plain, 'content-type': 'application/json' } })
  })

  const about = (c: Context<AppEnvironment>): Response =>
    new Response(serverPage(c.req.header('accept-language'), { ...config, ...services.offer(), version: services.version }), {
      headers: page,
    })
  app.get('/about', about)
  if (webApp === null) app.get('/', about)
  else
    for (const [path, file] of webApp)
      app.get(path, (c) => webFileResponse(file, c.req.header('accept-encoding'), c.req.header('if-none-match')))
  app.get('/style.css', () => new Response(pageStyle, { headers: { ...plain, 'content-type': 'text/css; charset=utf-8' } }))
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json', '/', '/about', '/style.css', ...(webApp?.keys() ?? [])]) {
    app.all(path, () => problemResponse(new NokkelError('method-not-allowed'), { ...plain, allow: 'GET' }))
  }
}
