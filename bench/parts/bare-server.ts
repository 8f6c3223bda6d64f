/**
 * A yardstick, run as a program: the HTTP library that our server uses, with one bare route of each kind and nothing behind it. Prints
 * its address as a JSON line; ends with SIGTERM. `argv[2]`: the file that `POST /append` appends to and synchronises.
 */
import { fdatasyncSync, openSync, writeSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'

interface BareContext {
  readonly req: { arrayBuffer(): Promise<ArrayBuffer>; json(): Promise<unknown> }
  body(data: Uint8Array): Response
  json(value: unknown): Response
}
interface BareApp {
  get(path: string, handler: (c: BareContext) => Response | Promise<Response>): void
  post(path: string, handler: (c: BareContext) => Response | Promise<Response>): void
  fetch(request: Request): Response | Promise<Response>
}

// the server's dependencies, which are not ours to declare a second time
const require = createRequire(new URL('../../apps/server/package.json', import.meta.url))
const { Hono } = require('hono') as { Hono: new () => BareApp }
const { getRequestListener } = require('@hono/node-server') as { getRequestListener: (fetch: BareApp['fetch']) => RequestListener }

const file = openSync(process.argv[2] as string, 'a')
const empty = new Uint8Array(48)
const app = new Hono()
app.get('/empty', (c) => c.body(empty))
app.post('/append', async (c) => {
  writeSync(file, new Uint8Array(await c.req.arrayBuffer()))
  fdatasyncSync(file)
  return c.json({ seq: 1, accepted: 1 })
})
app.post('/json', async (c) => c.json({ echo: await c.req.json() }))

const http = createServer(getRequestListener((request) => app.fetch(request)))
http.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` })}\n`),
)
