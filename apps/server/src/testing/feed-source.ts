/** Somebody's copy of the feed, as a web server: what it says can be changed while it runs, and it notes what it was asked for. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FeedSource {
  /** the folder, as an operator would name it */
  readonly url: string
  /** method and path of each request, and whether it was conditional */
  readonly asked: string[]
  /** by file name; a text, or whatever else a server may do */
  readonly files: Map<string, string | ((request: IncomingMessage, response: ServerResponse) => void)>
  close(): Promise<void>
}

export async function startFeedSource(files: Readonly<Record<string, string>> = {}): Promise<FeedSource> {
  const held: FeedSource['files'] = new Map(Object.entries(files))
  const asked: string[] = []
  const server = createServer((request, response) => {
    const conditional = request.headers['if-none-match']
    asked.push(`${request.method} ${request.url}${conditional === undefined ? '' : ' again'}`)
    const file = held.get((request.url ?? '').replace('/quirks/', ''))
    if (file === undefined) return void response.writeHead(404).end('nothing here')
    if (typeof file === 'function') return file(request, response)
    const etag = `"${createHash('sha256').update(file).digest('hex')}"`
    if (conditional === etag) return void response.writeHead(304, { etag }).end()
    response.writeHead(200, { etag, 'content-type': 'text/plain' }).end(file)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/quirks`,
    asked,
    files: held,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
