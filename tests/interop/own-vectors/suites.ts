/**
 * All files of `vectors/` and how they are made. Run as a program it writes them: `node tests/interop/own-vectors/suites.ts`.
 * Random numbers come from fixed seeds, so that the same sources give the same bytes.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { layOut } from './format.ts'
import * as cbor from './cbor.ts'
import * as circle from './circle.ts'
import * as item from './item.ts'
import * as join_ from './join.ts'
import * as keys from './keys.ts'
import * as log from './log.ts'
import * as record from './record.ts'
import * as request from './request.ts'
import * as stateRoot from './state-root.ts'

export const vectorsFolder = join(import.meta.dirname, '..', '..', '..', 'vectors')

interface SuiteFile {
  readonly file: string
  /** the file's text, made anew */
  readonly make: () => string
  /** checks the file's text with our own code; says how many cases it held */
  readonly check: (text: string) => number
}

/** A file's shape is what its builder gives; one that was edited by hand fails the comparison of texts. */
function suiteFile<T>(file: string, suite: { readonly build: () => T; readonly check: (suite: T) => number }): SuiteFile {
  return { file, make: () => `${layOut(suite.build())}\n`, check: (text) => suite.check(JSON.parse(text) as T) }
}

export const suiteFiles: readonly SuiteFile[] = [
  suiteFile('cbor.json', cbor),
  suiteFile('circle.json', circle),
  suiteFile('item.json', item),
  suiteFile('join.json', join_),
  suiteFile('keys.json', keys),
  suiteFile('log.json', log),
  suiteFile('record.json', record),
  suiteFile('request.json', request),
  suiteFile('state-root.json', stateRoot),
]

export function readSuite(file: string): string {
  return readFileSync(join(vectorsFolder, file), 'utf8')
}

if (import.meta.main) for (const { file, make } of suiteFiles) writeFileSync(join(vectorsFolder, file), make())
