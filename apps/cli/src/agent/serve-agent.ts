/**
 * The agent: one process for each home that holds the unlock key in memory and hands it to commands of the same user, until it is
 * told to lock, is not used for the set time, the machine sleeps, its folder goes away or another agent takes its place. It never
 * writes the key anywhere and opens no keychain itself.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import type { Secret } from '@nokkel/base'
import { claim } from '../background/claim.ts'
import { decodeRequest, encodeAnswer, keyBytes, requestBytes, tokenBytes } from './frames.ts'
import { createLockWatch, type Instant } from './lock-watch.ts'
import { agentFile, newAgentPlace } from './place.ts'

const checkMs = 1_000
/** A client asks at once or is none of ours. */
const connectionMs = 2_000
const connections = 16

/** Resolves when listening and named by the home; the process ends by itself when the agent locks. */
export async function serveAgent(given: { home: string; idleMs: number; key: Secret; env: NodeJS.ProcessEnv }): Promise<void> {
  const { home, idleMs, key, env } = given
  if (key.reveal().length !== keyBytes) throw new Error('not a key')
  const place = newAgentPlace(home, env)
  const token = randomBytes(tokenBytes)
  writeFileSync(place.token, token, { mode: 0o600, flag: 'wx' })
  const now = (): Instant => ({ wallMs: Date.now(), steadyMs: performance.now() })
  const watch = createLockWatch(idleMs, checkMs, now())

  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.setTimeout(connectionMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    readRequest(socket, (frame) => {
      const request = decodeRequest(frame)
      if (request === undefined || !timingSafeEqual(request.token, token)) return void socket.destroy()
      const at = now()
      if (request.operation === 'lock') return void socket.end(encodeAnswer(0), lock)
      if (request.operation === 'key') watch.touch(at)
      const answer = encodeAnswer(watch.secondsLeft(at), request.operation === 'key' ? key.reveal() : undefined)
      socket.end(answer, () => answer.fill(0))
    })
  })
  server.maxConnections = connections
  server.listen(place.socket)
  await once(server, 'listening')
  // no moment of danger before this: the folder is closed, and the home does not name the socket yet
  if (process.platform !== 'win32') chmodSync(place.socket, 0o600)
  const named = claim(agentFile(home), place.socket)

  const timer = setInterval(() => {
    if (watch.check(now()) !== undefined || !named.holds() || !existsSync(place.token)) lock()
  }, checkMs)

  const lock = (): never => {
    clearInterval(timer)
    key.destroy()
    token.fill(0)
    named.release()
    for (const file of [place.token, place.socket]) rmSync(file, { force: true })
    process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, lock)
}

function readRequest(socket: Socket, whole: (frame: Buffer) => void): void {
  let frame = Buffer.alloc(0)
  socket.on('data', (chunk) => {
    frame = Buffer.concat([frame, chunk])
    if (frame.length > requestBytes) socket.destroy()
    else if (frame.length === requestBytes) whole(frame)
  })
}
