/** For the tests of the tools: a small repository in a temporary folder, removed after the test. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Path to contents; an object is written as JSON. Returns the folder. */
export function temporaryTree(files: Readonly<Record<string, string | object>>): string {
  const root = mkdtempSync(join(tmpdir(), 'nokkel-tree-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  for (const [path, contents] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), typeof contents === 'string' ? contents : `${JSON.stringify(contents, null, 2)}\n`)
  }
  return root
}
