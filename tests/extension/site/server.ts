/**
 * The test site: HTTP and HTTPS at one port of this machine, for whatever host name a browser was told to find there. A sign-in with the
 * password `wrong` fails. The certificate is nobody's: the browsers of these tests are told not to ask.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { RelyingParty } from './passkeys.ts'

export interface Site {
  readonly port: number
  readonly party: RelyingParty
  /** answers of this address from now on */
  serve(path: string, html: string): void
  close(): void
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  html: (path: string) => string | undefined,
  party: RelyingParty,
): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://site.example').pathname
  const passkey = /^\/api\/passkey\/([a-z-]+)$/.exec(path)?.[1]
  if (request.method === 'POST' && passkey !== undefined) {
    const body = JSON.parse(await bodyOf(request)) as Parameters<RelyingParty['answer']>[1]
    const answered = await party.answer(passkey, body, request.headers.origin ?? '')
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answered))
    return
  }
  if (request.method === 'POST') {
    const body = await bodyOf(request)
    const wrong = body.includes('wrong')
    if (body.includes('declined')) {
      response.writeHead(303, { location: '/declined' }).end()
      return
    }
    if (path === '/api/session') response.writeHead(wrong ? 401 : 200, { 'content-type': 'application/json' }).end('{}')
    else response.writeHead(303, { location: wrong ? '/refused' : '/welcome' }).end()
    return
  }
  const text = html(path)
  // a page of a strict policy, as many have
  const policy = path.startsWith('/passkey-strict')
    ? { 'content-security-policy': "default-src 'none'; script-src 'nonce-own'; connect-src 'self'" }
    : {}
  response.writeHead(text === undefined ? 404 : 200, { 'content-type': 'text/html; charset=utf-8', ...policy }).end(text ?? 'not here')
}

export async function startSite(pages: Readonly<Record<string, string>>): Promise<Site> {
  const own = new Map(Object.entries(pages))
  let port = 0
  const party = new RelyingParty()
  const listener: RequestListener = (request, response) =>
    void answer(request, response, (path) => own.get(path)?.replaceAll('{port}', String(port)), party)
  const read = (name: string): Buffer => readFileSync(join(import.meta.dirname, name))
  const plain = createServer(listener)
  const secure = createTlsServer({ key: read('key.pem'), cert: read('certificate.pem') }, listener)
  const sockets = new Set<Socket>()
  const front = createTcpServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket)).once('error', () => undefined)
    socket.once('data', (first) => {
      socket.pause()
      socket.unshift(first)
      // 22: a TLS handshake
      ;(first[0] === 22 ? secure : plain).emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
  port = (front.address() as AddressInfo).port
  return {
    port,
    party,
    serve: (path, html) => void own.set(path, html),
    close: () => {
      front.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
