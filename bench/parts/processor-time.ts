/** Processor time of running processes, from /proc: on a machine that others use too, the steadier figure. Linux alone. */
import { readdirSync, readFileSync } from 'node:fs'

/** of the kernel's counters: USER_HZ, which is 100 on every Linux that Node runs on */
const tickMs = 10

interface Stat {
  readonly parent: number
  readonly ms: number
  /** of children that have ended */
  readonly endedMs: number
}

/** Fields 4 (parent), 14 to 17 (user and system time, its own and of ended children) of proc_pid_stat(5); the name before them may hold anything. */
function statOf(pid: number): Stat | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const ticks = (field: number): number => Number(fields[field - 3])
    return { parent: ticks(4), ms: (ticks(14) + ticks(15)) * tickMs, endedMs: (ticks(16) + ticks(17)) * tickMs }
  } catch {
    return undefined
  }
}

/** Running ones, of the first generation. */
export function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((each) => Number.isSafeInteger(each) && statOf(each)?.parent === pid)
}

/** Of the processes themselves and of their children, those that have ended too. */
export function processorMs(pids: readonly number[]): number {
  let sum = 0
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const stat = Number.isSafeInteger(pid) ? statOf(pid) : undefined
    if (stat === undefined) continue
    if (pids.includes(pid)) sum += stat.ms + stat.endedMs
    else if (pids.includes(stat.parent)) sum += stat.ms
  }
  return sum
}
