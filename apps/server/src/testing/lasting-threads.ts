/**
 * The threads of a server's sign-in, for tests that start servers with the same keys hundreds of times: the real ones with the real steps, but they
 * outlive the server that began them. Starting a thread takes longer than everything else that a short test does with a server. For
 * `vi.mock('tinypool')` alone; how a server ends its threads is not to be seen with it.
 */
import type * as Tinypool from 'tinypool'

type Pool = InstanceType<typeof Tinypool.default>
type Options = Tinypool.Options

export async function withLastingThreads(importActual: <Module>() => Promise<Module>): Promise<typeof Tinypool> {
  const tinypool = await importActual<typeof Tinypool>()
  const pools = new Map<string, Pool>()
  /** Same code, same keys, as many of them: same threads. */
  function poolOf(options: Options): Pool {
    const name = JSON.stringify([options.filename, options.workerData, options.maxThreads])
    const pool = pools.get(name) ?? new tinypool.default(options)
    pools.set(name, pool)
    return pool
  }
  /** What a server needs of it (sign-in/opaque.ts). */
  function Lasting(options: Options): Pick<Pool, 'run' | 'queueSize' | 'on' | 'destroy'> {
    const pool = poolOf(options)
    return {
      run: (task, how) => pool.run(task, how),
      get queueSize() {
        return pool.queueSize
      },
      on: () => pool,
      destroy: () => Promise.resolve(),
    }
  }
  return { ...tinypool, default: Lasting as unknown as typeof Tinypool.default }
}
