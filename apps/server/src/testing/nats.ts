/** A NATS server of the test's own, on a free port of loopback, without storage. Killed and started again by tests. */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { ensureProgram } from './debian.ts'
import { freePort } from './free-port.ts'

const places = ['/usr/sbin/nats-server', '/usr/bin/nats-server', '/usr/local/bin/nats-server']
const readyWithinMs = 20_000

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
  })
}

export class NatsInstance {
  readonly port: number
  readonly #program: string
  #process: ChildProcess | undefined

  private constructor(port: number, program: string) {
    this.port = port
    this.#program = program
  }

  static async start(): Promise<NatsInstance> {
    const program = ensureProgram('nats-server', () =>
      [process.env['NOKKEL_NATS_BIN'] ?? '', ...places].find((path) => path !== '' && existsSync(path)),
    )
    const instance = new NatsInstance(await freePort(), program)
    await instance.resume()
    return instance
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`
  }

  async resume(): Promise<void> {
    this.#process = spawn(this.#program, ['-a', '127.0.0.1', '-p', String(this.port)], { stdio: 'ignore' })
    const child = this.#process
    const end = (): void => void child.kill('SIGKILL')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    const lateMs = Date.now() + readyWithinMs
    while (!(await answers(this.port))) {
      if (Date.now() > lateMs) throw new Error('nats-server did not start')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async kill(): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await exited
    this.#process = undefined
  }
}
