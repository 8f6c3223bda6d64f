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
import type { PageModel } from '../../packages/autofill/src/model.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const shared = join(root, '../shared/autofill')

export const corpusPresent = existsSync(join(shared, 'harness/run.mjs')) && existsSync('/usr/bin/chromium')
export const corpora = ['formasaurus', 'fathom-login', 'fathom-new', 'ddg', 'chromium'] as const

interface Group {
  readonly P: number | null
  readonly R: number | null
  readonly F1: number | null
}

export interface CorpusScore {
  readonly pages: number
  readonly micro: Group
  readonly exactPage: number | null
  readonly exactAuthPage: number | null
  readonly authOrCardOnNonePct: number | null
  readonly timeMs: { readonly median: number | null; readonly p95: number | null }
  readonly groups: Readonly<Record<string, Group>>
  /** Pages with a wrong label. */
  readonly bad: readonly { readonly page: string }[]
}

interface CorpusResult extends CorpusScore {
  readonly preds: Readonly<Record<string, { readonly preds: Readonly<Record<string, string>> }>>
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

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-autofill-'))
  try {
    return await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** What a content script carries of the engine: page model, classification, filling, watching. Bytes after gzip. */
export async function contentBytes(): Promise<number> {
  return inFolder(async (folder) => {
    const names = 'buildPage, applyFill, watchPage, visibilityFault'
    const code = await bundle(
      folder,
      'content',
      `import { ${names} } from ${door('dom/index.ts')}\nimport { classify } from ${door('index.ts')}\nglobalThis.x = [${names}, classify]\n`,
    )
    return gzipSync(code).length
  })
}

const ours =
  `import { buildPage } from ${door('dom/index.ts')}\nimport { classify } from ${door('index.ts')}\n` +
  `globalThis.classifyForms = (doc) => { const b = buildPage(doc); return classify(b.model).fields.map((f) => ({ element: b.elements[f.field], label: f.label })) }\n`

/** The harness keeps what an engine says of each element, whatever it is: here the model of the field, and that of the page with the first. */
const models =
  `import { buildPage } from ${door('dom/index.ts')}\n` +
  `globalThis.classifyForms = (doc) => { const { model, elements } = buildPage(doc); return elements.map((element, at) => ({ element, label: JSON.stringify(at === 0 ? { field: model.fields[0], page: { ...model, fields: [] } } : { field: model.fields[at] }) })) }\n`

function unpack(folder: string): string {
  const data = join(folder, 'data')
  mkdirSync(data)
  for (const file of readdirSync(join(shared, 'dev'))) execFileSync('tar', ['-C', data, '-xJf', join(shared, 'dev', file)])
  cpSync(join(shared, 'harness'), join(folder, 'harness'), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  return data
}

/** `engines`: files, or the harness's name of a built-in one. Results by the name of the engine, then by corpus. */
function run(
  folder: string,
  data: string,
  engines: readonly string[],
  names: readonly string[],
  limit?: number,
): Record<string, Record<string, CorpusResult>> {
  const out = join(folder, engines.length === 1 ? 'result.json' : 'results')
  const args = [join(folder, 'harness/run.mjs'), '--engine', engines.join(','), '--data', data, '--corpus', names.join(','), '--out', out]
  execFileSync(process.execPath, limit === undefined ? args : [...args, '--limit', String(limit)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const files = engines.length === 1 ? [out] : readdirSync(out).map((file) => join(out, file))
  return Object.fromEntries(
    files.map((file) => {
      const result = JSON.parse(readFileSync(file, 'utf8')) as { engine: string; corpora: Record<string, CorpusResult> }
      return [result.engine, result.corpora]
    }),
  )
}

export interface PeerScores {
  readonly ours: Readonly<Record<string, CorpusScore>>
  readonly peers: Readonly<Record<string, Readonly<Record<string, CorpusScore>>>>
}

/** Scores by corpus, with the harness's own baseline in the same page loads. `limit`: only so many pages of each. `native`: Chromium's own too. */
export async function corpusScores(names: readonly string[], options: { limit?: number; native?: boolean } = {}): Promise<PeerScores> {
  return inFolder(async (folder) => {
    const data = unpack(folder)
    const engine = join(folder, 'ours.js')
    writeFileSync(engine, await bundle(folder, 'ours', ours))
    const { ours: own, ...peers } = run(folder, data, [engine, join(folder, 'harness/engines/simple.js')], names, options.limit)
    if (own === undefined) throw new Error('the harness gave no scores')
    return {
      ours: own,
      peers: options.native === true ? { ...peers, ...run(folder, data, ['chromium-native'], names, options.limit) } : peers,
    }
  })
}

export interface LabelledPage {
  readonly corpus: string
  readonly page: string
  readonly site: string
  readonly model: PageModel
  /** Index into `model.fields` → label; fields without one are left out. */
  readonly labels: ReadonlyMap<number, string>
}

/** The pages as the engine sees them, with the labels of their fields. */
export async function labelledPages(names: readonly string[]): Promise<LabelledPage[]> {
  return inFolder(async (folder) => {
    const data = unpack(folder)
    const engine = join(folder, 'models.js')
    writeFileSync(engine, await bundle(folder, 'models', models))
    const results = run(folder, data, [engine], names)['models'] ?? {}
    return Object.entries(results).flatMap(([corpus, { preds }]) =>
      readFileSync(join(data, corpus, 'corpus.jsonl'), 'utf8')
        .trim()
        .split('\n')
        .flatMap((line): LabelledPage[] => {
          const row = JSON.parse(line) as { page: string; site: string; fields: { index: number; label: string | null }[] }
          const said = Object.entries(preds[row.page]?.preds ?? {}).toSorted(([a], [b]) => Number(a) - Number(b))
          const read = said.map(([index, text]) => ({
            index: Number(index),
            ...(JSON.parse(text) as { field: PageModel['fields'][number]; page?: PageModel }),
          }))
          const page = read.find((each) => each.page !== undefined)?.page
          if (page === undefined) return []
          const gold = new Map(row.fields.map(({ index, label }) => [index, label]))
          const labels = new Map<number, string>()
          for (const [at, { index }] of read.entries()) {
            const label = gold.get(index)
            if (label !== undefined && label !== null) labels.set(at, label)
          }
          return [{ corpus, page: row.page, site: row.site, model: { ...page, fields: read.map((each) => each.field) }, labels }]
        }),
    )
  })
}
