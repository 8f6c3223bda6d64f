/**
 * Starts the prober beside the server, again and again, as a process of its own: the prober is a client with keys, and nothing of a client
 * may be in the server. The two share an address, a token and nothing else. A prober that hangs is ended; one that cannot start is silence,
 * which the board notices by itself.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Log } from '../log/log.ts'
import { probeTokenFile } from './probe-token.ts'

const program = fileURLToPath(new URL('../../../probe/src/main.ts', import.meta.url))
const leastPatienceMs = 60_000
const stderrMost = 2_000

const quiet = '--disable-warning=ExperimentalWarning'
const argumentsOf = (url: string, reportTo: string, data: string): string[] => [
  quiet,
  program,
  `--server=${url}`,
  `--report-to=${reportTo}`,
  `--home=${join(data, 'probe')}`,
  `--token-file=${probeTokenFile(data)}`,
]

/** By hand or by a timer; the data folder holds the token and the synthetic account, and may lie on another machine than the server's. */
export async function probeOnce(data: string, url: string, reportTo = url): Promise<void> {
  const child = spawn(process.execPath, argumentsOf(url, reportTo, data), { stdio: ['ignore', 'inherit', 'inherit'] })
  process.exitCode = await new Promise((resolve) => child.once('exit', (status) => resolve(status ?? 1)))
}

export interface ProbeRunner {
  stop(): void
}

export function startProbeRunner(options: {
  /** where it looks, as people do */
  readonly url: string
  /** where it reports: this process, whatever stands before it */
  readonly reportTo: string
  readonly data: string
  readonly everyMs: number
  readonly log: Log
  /** asked before each look: where several servers are one deployment, one of them looks */
  readonly mayRun?: () => Promise<boolean>
}): ProbeRunner {
  const { url, reportTo, data, everyMs, log, mayRun } = options
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function runAgain(ms: number): void {
    if (stopped) return
    timer = setTimeout(() => void begin(), Math.max(0, ms))
    timer.unref()
  }

  async function begin(): Promise<void> {
    if ((await mayRun?.()) === false) return runAgain(everyMs)
    if (!stopped) run()
  }

  function run(): void {
    const startedMs = performance.now()
    // nothing of the server's environment is the prober's business
    const running = spawn(process.execPath, argumentsOf(url, reportTo, data), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '' },
    })
    child = running
    let said = ''
    running.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-stderrMost)))
    const late = setTimeout(() => running.kill('SIGKILL'), Math.max(leastPatienceMs, everyMs))
    late.unref()
    const ended = (): void => {
      clearTimeout(late)
      if (child === running) child = null
      runAgain(everyMs - (performance.now() - startedMs))
    }
    running.once('error', (error) => {
      log.error({ err: error }, 'the prober could not be started')
      ended()
    })
    running.once('exit', (status, signal) => {
      if (status !== 0 && !stopped) log.warn({ status, signal, said }, 'the prober ended badly')
      ended()
    })
  }

  void begin()
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
      child?.kill('SIGTERM')
    },
  }
}
