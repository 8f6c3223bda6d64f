/**
 * Processes held to a share of one core, by control groups of Linux (v2, or v1 where the controller is there): so that several servers are several small
 * machines on one. A ceiling and no promise: what else runs may leave them less. Needs the rights of the superuser; null where that is not to be had.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { childrenOf } from './processor-time.ts'

/** Short, so that a process that has used its share waits for milliseconds and not for a tenth of a second. */
const periodUs = 20_000
const groups = '/sys/fs/cgroup'

export interface ProcessorShare {
  /** takes the limit away; the processes go on */
  lift(): void
}

interface Control {
  readonly folder: string
  limit(folder: string, quotaUs: number): void
}

function control(): Control {
  if (existsSync(join(groups, 'cgroup.subtree_control'))) {
    writeFileSync(join(groups, 'cgroup.subtree_control'), '+cpu')
    return { folder: groups, limit: (folder, quotaUs) => writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${periodUs}`) }
  }
  return {
    folder: join(groups, 'cpu'),
    limit(folder, quotaUs) {
      writeFileSync(join(folder, 'cpu.cfs_period_us'), String(periodUs))
      writeFileSync(join(folder, 'cpu.cfs_quota_us'), String(quotaUs))
    },
  }
}

/** The process and its children together get no more than `share` of one core. */
export function holdTo(share: number, pid: number): ProcessorShare | null {
  try {
    const { folder: above, limit } = control()
    const folder = join(above, `nokkel-bench-${pid}`)
    mkdirSync(folder)
    limit(folder, Math.round(share * periodUs))
    const put = (into: string, pids: readonly number[]): void => {
      for (const each of pids)
        try {
          writeFileSync(join(into, 'cgroup.procs'), String(each))
        } catch (error) {
          // one that has ended meanwhile
          if (readdirSync('/proc').includes(String(each))) throw error
        }
    }
    put(folder, [pid, ...childrenOf(pid)])
    return {
      lift() {
        put(above, readFileSync(join(folder, 'cgroup.procs'), 'utf8').trim().split('\n').map(Number))
        rmdirSync(folder)
      },
    }
  } catch {
    return null
  }
}
