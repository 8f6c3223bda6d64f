/** The server as its own process, as an operator starts it, for tests that kill it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const launcher = fileURLToPath(new URL('../../bin/nokkel-server.js', import.meta.url))

export interface ServerProcess {
  readonly url: string
  readonly child: ChildProcess
  readonly stderr: () => string
  /** Exit status or signal name. */
  readonly exited: Promise<number | string>
}

export interface Finished {
  readonly status: number | string
  readonly stdout: string
  readonly stderr: string
}

function start(
  args: readonly string[],
  env: Record<string, string>,
  node: string,
): { child: ChildProcess; output: { stdout: string; stderr: string }; exited: Promise<number | string> } {
  const child = spawn(node, [launcher, ...args], {
    env: { PATH: process.env['PATH'] ?? '', NOKKEL_RATE_LIMITS: 'off', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', (data: Buffer) => (output.stdout += data.toString('utf8')))
  child.stderr?.on('data', (data: Buffer) => (output.stderr += data.toString('utf8')))
  const exited = new Promise<number | string>((resolve) => child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown')))
  return { child, output, exited }
}

/** Resolves when the address was printed. */
export async function startProcess(folder: string, env: Record<string, string> = {}, node = process.execPath): Promise<ServerProcess> {
  const { child, output, exited } = start(['serve', '--port', '0', '--data', folder], { NOKKEL_LOG_LEVEL: 'warn', ...env }, node)
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', () => {
      const found = /^Nøkkelring: (http:\S+)\n/m.exec(output.stdout)?.[1]
      if (found !== undefined) resolve(found)
    })
    void exited.then((status) => reject(new Error(`exited with ${status}: ${output.stderr}`)))
  })
  return { url, child, stderr: () => output.stderr, exited }
}

export async function runCommand(args: readonly string[], env: Record<string, string> = {}, node = process.execPath): Promise<Finished> {
  const { output, exited } = start(args, env, node)
  return { status: await exited, ...output }
}
