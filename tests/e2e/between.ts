/** Somebody between a server and its users, who changes what passes, or cuts the line. The live channel passes as it is. */
import { createServer, type Server as HttpServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Passing {
  status: number
  body: Buffer
  headers: Headers
}
export type Tampering = (path: string, answer: Passing) => void

export class Between {
  tamper: Tampering = () => {}
  /** cut off: nothing passes */
  down = false
  url = ''
  readonly #lines = new Set<Socket>()
  readonly #server: HttpServer

  constructor(target: string) {
    this.#server = createServer((request, response) => {
      void (async () => {
        if (this.down) return request.socket.destroy()
        const path = request.url ?? '/'
        const { host: _, connection: __, 'content-length': ___, 'transfer-encoding': ____, ...passed } = request.headers
        const body = request.method === 'GET' ? null : new Uint8Array(await buffer(request))
        const headers: Record<string, string> = { ...(passed as Record<string, string>), 'accept-encoding': 'identity' }
        // what was changed on the way has no tag of the server's
        delete headers['if-none-match']
        const real = await fetch(target + path, { method: request.method ?? 'GET', headers, body })
        const answer = { status: real.status, body: Buffer.from(await real.arrayBuffer()), headers: new Headers(real.headers) }
        this.tamper(path, answer)
        for (const name of ['content-length', 'content-encoding', 'transfer-encoding', 'connection']) answer.headers.delete(name)
        response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.body)
      })().catch(() => request.socket.destroy())
    })
    const { hostname, port } = new URL(target)
    this.#server.on('upgrade', (request, socket: Socket, head) => {
      if (this.down) return socket.destroy()
      const on = connect(Number(port), hostname)
      this.#lines.add(socket)
      for (const end of [socket, on]) {
        end.on('error', () => undefined)
        end.on('close', () => {
          socket.destroy()
          on.destroy()
          this.#lines.delete(socket)
        })
      }
      const lines = request.rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [`${name}: ${request.rawHeaders[i + 1] ?? ''}`] : []))
      on.write(`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      on.write(head)
      socket.pipe(on).pipe(socket)
    })
  }

  /** Also what is open now. */
  cut(): void {
    this.down = true
    for (const line of this.#lines) line.destroy()
    this.#server.closeAllConnections()
  }

  async start(): Promise<void> {
    await new Promise<void>((done) => this.#server.listen(0, '127.0.0.1', done))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  close(): void {
    this.cut()
    this.#server.close()
  }
}
