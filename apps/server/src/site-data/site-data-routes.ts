/** `GET /v1/site-data` (API-14): the whole list to whoever asks, the same for all. No parameter, so nobody can ask for one site. */
import type { Hono } from 'hono'
import { isNokkelError, NokkelError } from '@nokkel/base'
import { siteDataPath } from '@nokkel/protocol/wire'
import { callerOf } from '../domain/place.ts'
import { requestOf } from '../http/admission.ts'
import type { AppEnvironment } from '../http/app.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import type { Services } from '../services.ts'

export function siteDataRoutes(app: Hono<AppEnvironment>, services: Services, base: Readonly<Record<string, string>>): void {
  const { siteData, limits } = services
  app.get(siteDataPath, async (c) => {
    try {
      await limits.consume('request', callerOf(requestOf(services, c.env.incoming).address))
      const document = siteData.current()
      if (document === null) throw new NokkelError('server-unavailable', { what: 'site-data' })
      const headers = { ...base, 'cache-control': 'no-cache', vary: 'accept-encoding', etag: document.etag }
      if (c.req.header('if-none-match') === document.etag) return new Response(null, { status: 304, headers })
      const zipped = /\bgzip\b/.test(c.req.header('accept-encoding') ?? '')
      return new Response(zipped ? document.gzip : document.plain, {
        headers: { ...headers, 'content-type': 'application/json', ...(zipped && { 'content-encoding': 'gzip' }) },
      })
    } catch (thrown) {
      if (!isNokkelError(thrown)) throw thrown
      return problemResponse(publicError(thrown), base)
    }
  })
  app.all(siteDataPath, () => problemResponse(new NokkelError('method-not-allowed'), { ...base, allow: 'GET' }))
}
