/**
 * The clipboard, through whatever tool the desktop has. The secret goes over a pipe, and a detached process takes it off again after
 * a minute if it is still what is there (C2).
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { equalBytes, NokkelError, utf8, type Secret } from '@nokkel/base'
import { startBackground } from './background/start-background.ts'
import type { Context } from './context.ts'

const clearAfterMs = 60_000
/** A clipboard that does not answer is no reason to hang. */
const patienceMs = 5_000
const longestAnswer = 1_048_576

interface Tool {
  /** what must be installed */
  readonly name: string
  readonly when?: (env: NodeJS.ProcessEnv) => boolean
  readonly copy: readonly string[]
  readonly paste: readonly string[]
}

const onWayland = (env: NodeJS.ProcessEnv): boolean => env['WAYLAND_DISPLAY'] !== undefined
const onX11 = (env: NodeJS.ProcessEnv): boolean => env['DISPLAY'] !== undefined

const tools: readonly Tool[] = [
  { name: 'wl-copy', when: onWayland, copy: ['wl-copy', '--type', 'text/plain'], paste: ['wl-paste', '--no-newline'] },
  { name: 'xclip', when: onX11, copy: ['xclip', '-selection', 'clipboard', '-in'], paste: ['xclip', '-selection', 'clipboard', '-out'] },
  { name: 'xsel', when: onX11, copy: ['xsel', '--clipboard', '--input'], paste: ['xsel', '--clipboard', '--output'] },
  { name: 'pbcopy', when: () => process.platform === 'darwin', copy: ['pbcopy'], paste: ['pbpaste'] },
  {
    name: 'clip.exe',
    when: () => process.platform === 'win32',
    copy: ['clip.exe'],
    paste: ['powershell.exe', '-NoProfile', '-Command', 'Get-Clipboard -Raw'],
  },
]

export function findClipboardTool(env: NodeJS.ProcessEnv): string | undefined {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  const installed = (name: string): boolean =>
    folders.some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK)
        return true
      } catch {
        return false
      }
    })
  return tools.find(({ name, when }) => (when?.(env) ?? true) && installed(name))?.name
}

/** Resolves with the seconds until it is cleared. Throws `io-failed` where there is no clipboard. */
export async function copyForAWhile({ env, messages, out }: Context, text: string): Promise<number> {
  const name = findClipboardTool(env)
  const tool = tools.find((each) => each.name === name)
  if (tool === undefined) {
    out.note(messages.t('clipboard.none'))
    throw new NokkelError('io-failed', { path: 'clipboard' })
  }
  const secret = utf8(text)
  if (!(await give(tool.copy, secret))) {
    out.note(messages.t('clipboard.failed', { tool: tool.name }))
    throw new NokkelError('io-failed', { path: 'clipboard' })
  }
  await startBackground('__clear-clipboard', { tool: tool.name, afterMs: clearAfterMs }, secret)
  secret.fill(0)
  return clearAfterMs / 1_000
}

export async function clearIfUnchanged(name: string, secret: Secret): Promise<void> {
  const tool = tools.find((each) => each.name === name)
  const present = tool === undefined ? undefined : await take(tool.paste)
  // Windows adds a line break to what it gives back
  if (tool !== undefined && present !== undefined && equalBytes(trimEnd(present), trimEnd(secret.reveal())))
    await give(tool.copy, new Uint8Array())
  secret.destroy()
}

function trimEnd(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && (bytes[end - 1] === 10 || bytes[end - 1] === 13)) end--
  return bytes.subarray(0, end)
}

/** Copying tools stay behind to serve the clipboard and keep their streams: only the exit counts. */
function give([file = '', ...args]: readonly string[], input: Uint8Array): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'ignore'], timeout: patienceMs })
    child.on('error', () => resolve(false))
    child.on('exit', (code) => resolve(code === 0))
    child.stdin.on('error', () => {}) // it ended before it had read all, which its exit status tells
    child.stdin.end(input)
  })
}

/** What is on the clipboard, or `undefined` when the tool failed (an empty clipboard is a failure for some). */
function take([file = '', ...args]: readonly string[]): Promise<Uint8Array | undefined> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], timeout: patienceMs })
    const chunks: Uint8Array[] = []
    let length = 0
    child.stdout.on('data', (chunk: Uint8Array) => {
      length += chunk.length
      if (length <= longestAnswer) chunks.push(chunk)
    })
    child.on('error', () => resolve(undefined))
    child.on('close', (code) => resolve(code === 0 ? new Uint8Array(Buffer.concat(chunks)) : undefined))
  })
}
