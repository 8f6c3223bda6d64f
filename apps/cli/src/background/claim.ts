/**
 * One instance for each folder without locks that a crash leaves behind: whoever wrote the file last is the one, and every earlier
 * instance finds that the file names another (or is gone) and ends by itself.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export interface Claim {
  holds(): boolean
  /** Takes the file away unless somebody else has claimed it since. */
  release(): void
}

/** `name` is what the file says; different for every instance. */
export function claim(file: string, name: string): Claim {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, name, { mode: 0o600 })
  renameSync(draft, file) // readers see the old name or the new one, never half of it
  const holds = (): boolean => readClaim(file) === name
  return {
    holds,
    release() {
      if (holds()) rmSync(file, { force: true })
    },
  }
}

export function readClaim(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
