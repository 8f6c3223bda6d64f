/**
 * A network that misbehaves, one TCP connection at a time: passes, stalls, delays, cuts after so many bytes, refuses, and breaks what is open. In front
 * of servers it is the load balancer as well: connections go round, and past those that do not answer.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

export type Fault =
  | { readonly kind: 'none' }
  /** bytes are taken and go nowhere */
  | { readonly kind: 'stall' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** each connection ends in the middle, whatever it was about to say */
  | { readonly kind: 'truncate'; readonly afterBytes: number }
  | { readonly kind: 'refuse' }

export class FaultProxy {
  fault: Fault = { kind: 'none' }
  upstreams: readonly number[]
  readonly #server: Server
  readonly #open = new Set<Socket>()
  readonly #frozen = new WeakSet<Socket>()
  #turn = 0

  private constructor(upstreams: readonly number[]) {
    this.upstreams = upstreams
    this.#server = createServer((downstream) => void this.#serve(downstream))
  }

  static async start(...upstreams: readonly number[]): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstreams)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async #serve(downstream: Socket): Promise<void> {
    this.#keep(downstream)
    if (this.fault.kind === 'refuse') return void downstream.destroy()
    const upstream = await this.#connect()
    if (upstream === undefined || downstream.destroyed) return void downstream.destroy()
    this.#keep(upstream)
    let passed = 0
    const pass = (from: Socket, to: Socket): void => {
      from.on('data', (bytes) => {
        const { fault } = this
        if (fault.kind === 'stall' || this.#frozen.has(from)) return
        if (fault.kind === 'truncate') {
          passed += bytes.length
          if (passed > fault.afterBytes) {
            to.write(bytes.subarray(0, Math.max(0, bytes.length - (passed - fault.afterBytes))), () => to.destroy())
            from.destroy()
            return
          }
        }
        if (fault.kind === 'delay') setTimeout(() => to.write(bytes), fault.ms)
        else to.write(bytes)
      })
      from.on('close', () => to.destroy())
    }
    pass(downstream, upstream)
    pass(upstream, downstream)
  }

  #keep(socket: Socket): void {
    this.#open.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => this.#open.delete(socket))
  }

  async #connect(): Promise<Socket | undefined> {
    for (let tried = 0; tried < this.upstreams.length; tried++) {
      const port = this.upstreams[this.#turn++ % this.upstreams.length] as number
      const socket = await new Promise<Socket | undefined>((resolve) => {
        const attempt = connect(port, '127.0.0.1')
        attempt.once('connect', () => resolve(attempt))
        attempt.once('error', () => resolve(undefined))
      })
      if (socket !== undefined) return socket
    }
    return undefined
  }

  /** Sockets that were open when they were frozen, so far. */
  frozen = 0

  /** What is open now stays open and carries nothing any more, as when a machine changes its network; new connections pass. */
  freeze(): void {
    this.frozen += this.#open.size
    for (const socket of this.#open) this.#frozen.add(socket)
  }

  /** Every connection breaks now. */
  cut(): void {
    for (const socket of this.#open) socket.destroy()
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
