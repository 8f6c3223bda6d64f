/** The commands' side of the agent: get the key, ask for the time left, tell all agents of this home to lock, start one. */
import { readFileSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { Secret } from '@nokkel/base'
import { startBackground } from '../background/start-background.ts'
import { agentFile, allAgents, presentAgent, type AgentPlace } from './place.ts'
import { decodeAnswer, encodeRequest, keyBytes, type Operation } from './frames.ts'

const answerMs = 2_000
const longestAnswer = 5 + keyBytes

/** The key that an agent of this home holds; `undefined` when there is none, which is never an error. */
export async function keyFromAgent(home: string): Promise<Secret | undefined> {
  const place = presentAgent(home)
  const answer = place === undefined ? undefined : await ask(place, 'key')
  return answer?.key === undefined ? undefined : new Secret(answer.key)
}

/** Seconds until it locks by itself; `undefined` when there is no agent. Does not count as use. */
export async function agentSecondsLeft(home: string): Promise<number | undefined> {
  const place = presentAgent(home)
  return place === undefined ? undefined : (await ask(place, 'ask'))?.secondsLeft
}

/** True when at least one was there. Every one has ended, or is not ours, when this resolves. */
export async function lockAgents(home: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const places = allAgents(home, env)
  rmSync(agentFile(home), { force: true }) // one that does not answer now ends at its next look at this file
  const answers = await Promise.all(places.map((place) => ask(place, 'lock')))
  places.forEach((place, at) => {
    // a socket without an agent behind it is left over from a kill
    if (answers[at] === undefined) for (const file of [place.token, place.socket]) rmSync(file, { force: true })
  })
  return answers.some((answer) => answer !== undefined)
}

/** Replaces the agent of this home, if any. */
export async function startAgent(home: string, env: NodeJS.ProcessEnv, key: Secret, idleMinutes: number): Promise<void> {
  await lockAgents(home, env)
  await startBackground('__agent', { home, idleMs: idleMinutes * 60_000 }, key.reveal())
}

function ask(place: AgentPlace, operation: Operation): Promise<ReturnType<typeof decodeAnswer>> {
  let token: Buffer
  try {
    token = readFileSync(place.token)
  } catch {
    return Promise.resolve(undefined)
  }
  return new Promise((resolve) => {
    const socket = createConnection(place.socket)
    const chunks: Buffer[] = []
    socket.setTimeout(answerMs, () => socket.destroy())
    socket.on('connect', () => socket.write(encodeRequest(operation, token)))
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (chunks.reduce((sum, { length }) => sum + length, 0) > longestAnswer) socket.destroy()
    })
    socket.on('error', () => {}) // nobody listens: `close` follows
    socket.on('close', () => {
      const answer = decodeAnswer(new Uint8Array(Buffer.concat(chunks)))
      for (const chunk of chunks) chunk.fill(0)
      resolve(answer)
    })
  })
}
