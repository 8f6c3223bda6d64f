/**
 * Fits the weights of `packages/autofill/src/newness-weights.ts` on the labelled pages beside the checkout: logistic regression on named
 * signs, ridge penalty, full-batch steps from zero, so the same pages give the same weights. Prints how right it is on sites that it has not
 * seen (five folds by the hash of the site) and, with `--write`, writes the file. Run it after a change of signs or of words of purposes:
 * `npm run bench -- fit-autofill --write`. Nothing of the pages is kept.
 */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { purposeOf } from '../packages/autofill/src/classify-purpose.ts'
import { readGroups } from '../packages/autofill/src/classify.ts'
import { signNames } from '../packages/autofill/src/newness.ts'
import { corpora, corpusPresent, labelledPages } from './parts/autofill-corpus.ts'
import { figure, note } from './parts/figures.ts'
import { newnessFile } from './parts/newness-file.ts'

const { values } = parseArgs({ options: { write: { type: 'boolean' } }, strict: false, allowPositionals: true })

interface Sample {
  readonly corpus: string
  readonly site: string
  readonly isNew: boolean
  readonly signs: readonly string[]
}

/** Chosen among 0.3, 1, 2, 4 and 8 by the folds; 1 and 2 do not differ. */
const ridge = 2
const steps = 600

function fit(samples: readonly Sample[]): Map<string, number> {
  const names = [...new Set(samples.flatMap((sample) => sample.signs))].toSorted()
  const place = new Map(names.map((name, at) => [name, at]))
  const rows = samples.map(({ signs, isNew }) => ({ at: signs.map((name) => place.get(name) as number), isNew }))
  const weights = new Float64Array(names.length)
  // a bound on the curvature of each coordinate, so that steps need no line search
  const curvature = new Float64Array(names.length)
  for (const { at } of rows) for (const each of at) curvature[each] = (curvature[each] as number) + at.length / 4
  for (let step = 0; step < steps; step++) {
    const gradient = new Float64Array(names.length)
    for (const { at, isNew } of rows) {
      let sum = 0
      for (const each of at) sum += weights[each] as number
      const error = 1 / (1 + Math.exp(-sum)) - (isNew ? 1 : 0)
      for (const each of at) gradient[each] = (gradient[each] as number) + error
    }
    for (let at = 0; at < names.length; at++) {
      const weight = weights[at] as number
      weights[at] = weight - ((gradient[at] as number) + ridge * weight) / ((curvature[at] as number) + ridge)
    }
  }
  return new Map(names.map((name, at) => [name, weights[at] as number]))
}

const sumOf = (weights: ReadonlyMap<string, number>, { signs }: Sample): number =>
  signs.reduce((sum, name) => sum + (weights.get(name) ?? 0), 0)

const foldOf = (site: string): number => (createHash('sha256').update(`cv${site}`).digest()[0] as number) % 5

async function samplesOf(): Promise<Sample[]> {
  const samples: Sample[] = []
  for (const { corpus, site, model, labels } of await labelledPages(corpora)) {
    for (const group of readGroups(model)) {
      const { passwords } = group
      if (passwords.length === 0 || passwords.length > 2) continue
      // of two, one that says current or has its attribute is no question
      if (passwords.length === 2 && passwords.some((each) => each.qualifiers.current || each.token !== '')) continue
      const gold = new Set(passwords.map((each) => labels.get(each.index)).filter((label) => label?.endsWith('-password') === true))
      const { signs } = purposeOf(group)
      if (gold.size !== 1 || signs === undefined) continue
      samples.push({ corpus, site, isNew: gold.has('new-password'), signs: signNames(signs, passwords) })
    }
  }
  return samples
}

if (!corpusPresent) note('left out: autofill corpora (not found at ../shared/autofill, or no Chromium)')
else {
  const samples = await samplesOf()
  const right = new Map<string, [number, number]>()
  for (let fold = 0; fold < 5; fold++) {
    const weights = fit(samples.filter((sample) => foldOf(sample.site) !== fold))
    for (const sample of samples.filter(({ site }) => foldOf(site) === fold)) {
      const [hits, all] = right.get(sample.corpus) ?? [0, 0]
      right.set(sample.corpus, [hits + (sumOf(weights, sample) > 0 === sample.isNew ? 1 : 0), all + 1])
    }
  }
  for (const [corpus, [hits, all]] of right) figure(`autofill-newness-unseen-${corpus}`, 'share', hits / all, all)
  if (values['write'] === true) {
    const file = fileURLToPath(new URL('../packages/autofill/src/newness-weights.ts', import.meta.url))
    writeFileSync(file, newnessFile(fit(samples)))
  }
}
