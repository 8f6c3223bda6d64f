/** Real ends of roads: ports where nobody listens, machines that say nothing, pages of hotels, certificates that are not right. */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'

export interface DeadEnd {
  readonly url: string
  close(): void
}

async function listening(server: Server, scheme = 'http'): Promise<DeadEnd> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** A port that was just given back. */
export async function nobodyListens(): Promise<DeadEnd> {
  const end = await listening(createTcpServer())
  end.close()
  return end
}

/** The system itself says that there is no way: TCP to a multicast address has none (ENETUNREACH). */
export const noWayOut: DeadEnd = { url: 'http://224.0.0.1:45999', close: () => undefined }
/** RFC 6761 §6.4: no name under .invalid ever exists. */
export const noSuchName: DeadEnd = { url: 'http://nokkel.invalid', close: () => undefined }

export function saysNothing(): Promise<DeadEnd> {
  return listening(createTcpServer(() => undefined))
}

export function answers(
  status: number,
  body: string,
  type = 'text/html',
  headers: Readonly<Record<string, string>> = {},
): Promise<DeadEnd> {
  return listening(
    createServer((_, response) => {
      response.writeHead(status, { 'content-type': type, ...headers })
      response.end(body)
    }),
  )
}

const certificate = (name: string): string => readFileSync(join(import.meta.dirname, 'certificates', name), 'utf8')

/** `expired.pem` is signed by an authority that this process trusts from now on; `other-name.pem` by nobody. */
export function withCertificate(name: 'expired.pem' | 'other-name.pem'): Promise<DeadEnd> {
  const known = getCACertificates('default')
  const ours = certificate('authority.pem')
  if (!known.includes(ours)) setDefaultCACertificates([...known, ours])
  return listening(
    createTlsServer({ key: certificate('leaf.key'), cert: certificate(name) }, (_, response) => response.end()),
    'https',
  )
}
