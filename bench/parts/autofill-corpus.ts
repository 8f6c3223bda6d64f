/**
 * The autofill engine on labelled pages that lie beside the checkout (../shared/autofill) and are not part of the project. Unpacks them into a
 * folder of the system's temporary files, bundles the engine and runs the pages' own harness in Chromium.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const root = fileURLToPath(new URL('../../', import.meta.url))
const shared = join(root, '../shared/autofill')

export const corpusPresent = existsSync(join(shared, 'harness/run.mjs')) && existsSync('/usr/bin/chromium')

export interface CorpusScore {
  readonly micro: { readonly F1: number | null }
  readonly exactPage: number | null
  readonly exactAuthPage: number | null
  readonly authOrCardOnNonePct: number | null
  readonly timeMs: { readonly median: number | null; readonly p95: number | null }
  readonly groups: Readonly<Record<string, { readonly F1: number | null }>>
}

async function bundle(folder: string, name: string, source: string): Promise<string> {
  const input = join(folder, `${name}.entry.ts`)
  writeFileSync(input, source)
  const built = await rolldown({ input, logLevel: 'silent' })
  const { output } = await built.generate({ format: 'iife', minify: true })
  await built.close()
  return output[0].code
}

const door = (path: string): string => JSON.stringify(join(root, 'packages/autofill/src', path))

/** What a content script carries of the engine: page model, classification, filling, watching. Bytes after gzip. */
export async function contentBytes(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-autofill-'))
  try {
    const names = 'buildPage, applyFill, watchPage, visibilityFault'
    const code = await bundle(
      folder,
      'content',
      `import { ${names} } from ${door('dom/index.ts')}\nimport { classify } from ${door('index.ts')}\nglobalThis.x = [${names}, classify]\n`,
    )
    return gzipSync(code).length
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Scores by corpus. `limit`: only so many pages of each. */
export async function corpusScores(corpora: readonly string[], limit?: number): Promise<Readonly<Record<string, CorpusScore>>> {
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-autofill-'))
  try {
    const data = join(folder, 'data')
    mkdirSync(data)
    for (const file of readdirSync(join(shared, 'dev'))) execFileSync('tar', ['-C', data, '-xJf', join(shared, 'dev', file)])
    cpSync(join(shared, 'harness'), join(folder, 'harness'), { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
    const engine = join(folder, 'ours.js')
    writeFileSync(
      engine,
      await bundle(
        folder,
        'ours',
        `import { buildPage } from ${door('dom/index.ts')}\nimport { classify } from ${door('index.ts')}\n` +
          `globalThis.classifyForms = (doc) => { const b = buildPage(doc); return classify(b.model).fields.map((f) => ({ element: b.elements[f.field], label: f.label })) }\n`,
      ),
    )
    const out = join(folder, 'result.json')
    const args = [join(folder, 'harness/run.mjs'), '--engine', engine, '--data', data, '--corpus', corpora.join(','), '--out', out]
    execFileSync(process.execPath, limit === undefined ? args : [...args, '--limit', String(limit)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return (JSON.parse(readFileSync(out, 'utf8')) as { corpora: Record<string, CorpusScore> }).corpora
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
