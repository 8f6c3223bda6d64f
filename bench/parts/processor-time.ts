/** Processor time of running processes, from /proc: on a machine that others use too, the steadier figure. Linux alone. */
import { readdirSync, readFileSync } from 'node:fs'

/** of the kernel's counters: USER_HZ, which is 100 on every Linux that Node runs on */
const tickMs = 10

/** Fields 4 (parent), 14 and 15 (user and system time) of proc_pid_stat(5); the name before them may hold anything. */
function statOf(pid: number): { readonly parent: number; readonly ms: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return { parent: Number(fields[1]), ms: (Number(fields[11]) + Number(fields[12])) * tickMs }
  } catch {
    return undefined
  }
}

/** Of the processes themselves and of their children now. */
export function processorMs(pids: readonly number[]): number {
  let sum = 0
  for (const name of readdirSync('/proc')) {
    const pid = Number(name)
    const stat = Number.isSafeInteger(pid) ? statOf(pid) : undefined
    if (stat !== undefined && (pids.includes(pid) || pids.includes(stat.parent))) sum += stat.ms
  }
  return sum
}
