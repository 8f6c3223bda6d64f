/** The part of autocannon that the benchmarks use; it brings no types of its own. */
declare module 'autocannon' {
  interface Request {
    readonly method: 'GET' | 'POST'
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: Buffer
  }
  interface Connection {
    setRequests(requests: readonly Request[]): void
  }
  interface Options {
    readonly url: string
    readonly connections: number
    /** requests in all, over all connections */
    readonly amount: number
    /** seconds */
    readonly timeout: number
    /** milliseconds between samples, and the grain of `duration` */
    readonly sampleInt: number
    readonly setupClient: (connection: Connection) => void
  }
  interface Result {
    readonly '2xx': number
    readonly non2xx: number
    readonly errors: number
    /** seconds */
    readonly duration: number
    /** milliseconds */
    readonly latency: { readonly p50: number; readonly p99: number }
  }
  export default function autocannon(options: Options): Promise<Result>
}
