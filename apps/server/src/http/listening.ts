/** How our HTTP servers listen and stop: limits against slow senders, and no answer lost at the end. */
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { NokkelError } from '@nokkel/base'
import type { Config } from '../config.ts'

const stopWithinMs = 10_000

/** Slow senders: headers within 15 s, a whole request (a long push) within 10 minutes, idle connections for 75 s. */
export const httpLimits = {
  headersTimeout: 15_000,
  requestTimeout: 600_000,
  keepAliveTimeout: 75_000,
  maxHeaderSize: 16_384,
  connectionsCheckingInterval: 5_000,
} as const

/**
 * What is no request is answered and cut off. A connection on which nothing was said yet ends without a word: browsers open some in advance, and take
 * what they find there for the answer to the request that they send on it later.
 */
export function answerNoRequest(http: Server): void {
  http.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket
    if (socket.bytesRead === 0 || !socket.writable) return void socket.destroy()
    const status = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? '408 Request Timeout' : '400 Bad Request'
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
  })
}

export function listen(http: Server, config: Pick<Config, 'host' | 'port'>): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      const expected = error.code === 'EADDRINUSE' ? 'a port that is free' : 'an address and port that this machine has'
      reject(new NokkelError('config-invalid', { setting: 'NOKKEL_PORT', expected }, { cause: error }))
    })
    // the backlog is the system's ceiling at most; thousands of devices come back at once after a restart
    http.listen({ port: config.port, host: config.host, backlog: 4_096 }, () => resolve(http.address() as AddressInfo))
  })
}

/** Resolves when every running request was answered, or after ten seconds. */
export function finish(http: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => http.closeAllConnections(), stopWithinMs)
    // a connection whose last answer has just gone out is idle from then on, and would keep us waiting for its timeout
    const sweep = setInterval(() => http.closeIdleConnections(), 50)
    http.close(() => {
      clearTimeout(late)
      clearInterval(sweep)
      resolve()
    })
    http.closeIdleConnections()
  })
}
