/**
 * Where an agent of this home listens, and the check that nobody else put something there. The folder belongs to this user and is
 * closed to all others (0700); in it a socket and a token (0600). Node cannot ask the kernel who is at the other end of a socket
 * (SO_PEERCRED), so the client proves itself with the token that only this user can read, and the agent by listening in a folder
 * where only this user can create files.
 *
 * What this does not keep out: root, and programs of the same user that may read this process's memory (ptrace; see
 * kernel.yama.ptrace_scope) or a core dump of it (Node cannot turn those off; `ulimit -c 0` can).
 */
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { readClaim } from '../background/claim.ts'

/** sun_path holds 108 bytes on Linux and 104 on BSD and macOS, with the closing zero. */
const longestSocketPath = 103
const windows = process.platform === 'win32'

/** In the home: names the socket of its present agent. */
export const agentFile = (home: string): string => join(home, 'agent.socket')

const homeTag = (home: string): string => createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 16)
const tokenOf = (socket: string, folder: string): string => join(folder, `${socket.split(/[\\/]/).at(-1)}.token`)

export interface AgentPlace {
  readonly folder: string
  readonly socket: string
  readonly token: string
}

/** A fresh place for one agent: each gets names of its own, so two that start at once do not meet. */
export function newAgentPlace(home: string, env: NodeJS.ProcessEnv): AgentPlace {
  const name = `${homeTag(home)}-${randomBytes(6).toString('hex')}`
  const folder = agentFolders(home, env).find(
    (candidate) => windows || (Buffer.byteLength(join(candidate, `${name}.sock`)) <= longestSocketPath && makePrivateFolder(candidate)),
  )
  if (folder === undefined) throw new Error('no private folder for the agent')
  if (windows) makePrivateFolder(folder)
  const socket = windows ? `\\\\.\\pipe\\nokkel-${name}` : join(folder, `${name}.sock`)
  return { folder, socket, token: tokenOf(socket, folder) }
}

/** By preference: memory-backed and emptied at logout; beside the keychain; a folder of ours where that path is too long. */
function agentFolders(home: string, env: NodeJS.ProcessEnv): string[] {
  const runtime = env['XDG_RUNTIME_DIR']
  const user = process.getuid?.() ?? 0
  return [
    ...(runtime !== undefined && isAbsolute(runtime) ? [join(runtime, 'nokkel')] : []),
    join(home, 'agent'),
    join(tmpdir(), `nokkel-${user}`),
  ]
}

function makePrivateFolder(path: string): boolean {
  try {
    mkdirSync(path, { mode: 0o700 })
    chmodSync(path, 0o700)
  } catch {
    // it exists, or cannot be made: the check tells
  }
  return isPrivate(path, 'folder')
}

/** Ours, closed to all others, and what it says it is: not a link. On Windows the profile's own rights protect it. */
export function isPrivate(path: string, kind: 'folder' | 'file' | 'socket'): boolean {
  try {
    const found = lstatSync(path)
    const right = kind === 'folder' ? found.isDirectory() : kind === 'file' ? found.isFile() : found.isSocket()
    return right && (windows || (found.uid === process.getuid?.() && (found.mode & 0o077) === 0))
  } catch {
    return false
  }
}

/** The agent that this home names, if everything about its place is as it must be. */
export function presentAgent(home: string): AgentPlace | undefined {
  const socket = readClaim(agentFile(home))
  if (socket === undefined) return undefined
  const folder = windows ? join(home, 'agent') : dirname(socket)
  const place = { folder, socket, token: tokenOf(socket, folder) }
  return isPrivate(folder, 'folder') && isPrivate(place.token, 'file') && (windows || isPrivate(socket, 'socket')) ? place : undefined
}

/** All agents of this home, also those that another has replaced a moment ago. */
export function allAgents(home: string, env: NodeJS.ProcessEnv): AgentPlace[] {
  const present = presentAgent(home)
  if (windows) return present === undefined ? [] : [present]
  const folders = new Set([...agentFolders(home, env), ...(present === undefined ? [] : [present.folder])])
  const tag = homeTag(home)
  return [...folders].flatMap((folder) => {
    if (!isPrivate(folder, 'folder')) return []
    const sockets = readdirSync(folder).filter((name) => name.startsWith(`${tag}-`) && name.endsWith('.sock'))
    return sockets
      .map((name) => join(folder, name))
      .flatMap((socket) => (isPrivate(socket, 'socket') ? [{ folder, socket, token: tokenOf(socket, folder) }] : []))
  })
}
