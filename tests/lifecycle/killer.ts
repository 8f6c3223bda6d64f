/**
 * Between a command and the world: the road of its requests, and an eye on the file that it writes. Each is a moment, counted in the order in
 * which they come: a request on its way in, an answer of the server on its way back, a write to the device's store. At one chosen moment the
 * killer ends the process with SIGKILL, so that a request never arrives, an answer is never heard, or a write is the last thing done.
 * The product knows nothing of it.
 */
import { existsSync, mkdirSync, watch, type FSWatcher } from 'node:fs'
import http, { createServer, type Server } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { ChildProcess } from 'node:child_process'

export class Killer {
  /** what has happened since `arm` */
  readonly moments: string[] = []
  #server: Server
  #target = new URL('http://127.0.0.1:1')
  #place: number | null = null
  #victim: ChildProcess | null = null
  #watchers: FSWatcher[] = []
  readonly #lines = new Set<Socket>()
  url = ''

  constructor() {
    this.#server = createServer((request, response) => {
      const label = `${request.method} ${(request.url ?? '').replaceAll(/[0-9a-f]{32}/g, '…')}`
      this.#happens(`request ${label}`)
      if (this.#struck) return void request.socket.destroy()
      const { host: _, ...headers } = request.headers
      const on = http.request(new URL(request.url ?? '/', this.#target), { method: request.method, headers }, (answer) => {
        this.#happens(`answer to ${label}`)
        if (this.#struck) return void response.destroy()
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      })
      on.on('error', () => response.destroy())
      request.pipe(on)
    })
    // the live channel passes as it is
    this.#server.on('upgrade', (request, socket: Socket) => {
      const on = connect(Number(this.#target.port), this.#target.hostname)
      for (const end of [socket, on]) {
        this.#lines.add(end)
        end.on('error', () => undefined)
        end.on('close', () => {
          socket.destroy()
          on.destroy()
          this.#lines.delete(end)
        })
      }
      const lines = request.rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [`${name}: ${request.rawHeaders[at + 1] ?? ''}`] : []))
      on.write(`${request.method ?? 'GET'} ${request.url ?? '/'} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
      socket.pipe(on).pipe(socket)
    })
  }

  get #struck(): boolean {
    return this.#place !== null && this.moments.length > this.#place
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Requests go to this server from now on, and nobody is in danger. */
  lead(target: string): void {
    this.#target = new URL(target)
    this.disarm()
  }

  /** Counts the moments of a command from here, also what becomes of files of that name; kills it at the one with that number. */
  arm(folders: readonly string[], name: RegExp, place: number | null): void {
    this.disarm()
    this.moments.length = 0
    this.#place = place
    for (const folder of folders) {
      if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
      this.#watchers.push(watch(folder, (_, file) => void (file !== null && name.test(file) && this.#happens(`write to ${file}`))))
    }
  }

  aim(victim: ChildProcess): void {
    this.#victim = victim
  }

  disarm(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.close()
    this.#victim = null
    this.#place = null
  }

  close(): void {
    this.disarm()
    for (const line of this.#lines) line.destroy()
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #happens(moment: string): void {
    if (this.#watchers.length === 0) return
    if (this.moments.push(moment) - 1 === this.#place) this.#victim?.kill('SIGKILL')
  }
}
