/**
 * A realm's process as one file, for a test that starts it hundreds of times: the same modules, of which finding some two hundred one by one
 * takes a start longer than all that the realm does in it. Nothing is left out or minified. Who starts it a few times starts the sources.
 */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { realmProgram } from './deployment.ts'

const folder = join(import.meta.dirname, '../../node_modules/.cache/nokkel')

/** Built anew each time. Two that build at once write the same, and neither sees half of it. */
export async function realmProgramInOneFile(): Promise<string> {
  const built = await rolldown({ input: realmProgram, platform: 'node', logLevel: 'silent' })
  const { code } = (await built.generate({ format: 'esm', codeSplitting: false })).output[0]
  await built.close()
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'realm-process.mjs')
  const own = `${file}.${process.pid}`
  writeFileSync(own, code)
  renameSync(own, file)
  return file
}
