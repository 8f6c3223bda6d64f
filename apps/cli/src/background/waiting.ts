/**
 * Receiving the approval while the person is at the other device: a background process that answers the code exchange and fetches
 * everything. One for each home; a newer request, signing out or turning off ends it.
 */
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Secret } from '@nokkel/base'
import { startBackground } from './start-background.ts'

/** In the home: names the one process that waits. */
export const waitingFile = (home: string): string => join(home, 'waiting')

/** The keychain must be closed by the caller first; `key` is handed over a pipe. */
export async function startWaiting(home: string, key: Secret): Promise<void> {
  await startBackground('__await-approval', { home, name: randomBytes(8).toString('hex') }, key.reveal())
}

export function endWaiting(home: string): void {
  rmSync(waitingFile(home), { force: true })
}
