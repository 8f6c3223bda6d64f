/**
 * Reads the published test vectors, which lie beside the checkout and are not part of the project. Tests only.
 * Files are read inside the tests: a run without the folder must still collect, so that it can say what it left out.
 */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromHex, type Bytes } from '@nokkel/base'

/** `../shared/vectors`, seen from the root of the repository */
const folder = fileURLToPath(new URL('../../../shared/vectors/', import.meta.url))

export const vectorsPresent = existsSync(folder)

/** For `describe.skipIf`: true, and one line on the console, where the folder is missing. */
export function vectorsMissing(suite: string): boolean {
  if (!vectorsPresent) console.info(`left out: ${suite} (published vectors not found at ../shared/vectors)`)
  return !vectorsPresent
}

/** The shape is the caller's claim about a pinned file; a wrong claim fails the test that makes it. */
export function readVectors<T>(name: string): T {
  return JSON.parse(readFileSync(`${folder}${name}`, 'utf8')) as T
}

export type Result = 'valid' | 'invalid' | 'acceptable'

/** Wycheproof: `T` are the fields of a test, `G` those of its group. */
export function wycheproof<T extends object, G extends object = object>(name: string): (T & { tcId: number; result: Result; group: G })[] {
  type Group = G & { tests: (T & { tcId: number; result: Result })[] }
  return readVectors<{ testGroups: Group[] }>(`wycheproof-${name}.json`).testGroups.flatMap((group) =>
    group.tests.map((test) => ({ ...test, group })),
  )
}

/** Some files write their digits in capitals. */
export function hex(digits: string): Bytes {
  return fromHex(digits.toLowerCase())
}

/** RFC 9497 files join a batch with commas. */
export function hexList(digits: string): Bytes[] {
  return digits.split(',').map(hex)
}

/** The value of `compute`, or undefined where it threw: published files do not care how a refusal looks. */
export function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute()
  } catch {
    return undefined
  }
}
