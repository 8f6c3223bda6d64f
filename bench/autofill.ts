/**
 * Figures `autofill-*`: how right the engine is on labelled pages (dev half), how long a page takes cold, and what it weighs in a content
 * script; beside it what the harness has to compare with, in the same page loads: `simple` (twenty lines of structure) and, on demand, the
 * autofill of the installed Chromium (`--native`, some ten minutes more). The pages are not part of the project: without them only the weight
 * is measured, and the output says so.
 */
import { parseArgs } from 'node:util'
import { contentBytes, corpora, corpusPresent, corpusScores, type CorpusScore } from './parts/autofill-corpus.ts'
import { figure, note, noteLoad, peerOf } from './parts/figures.ts'

const { values } = parseArgs({ options: { native: { type: 'boolean' } }, strict: false, allowPositionals: true })

/** Name, unit and value of each figure of a corpus. */
function figuresOf(score: CorpusScore): [string, string, number | null | undefined][] {
  return [
    ['micro', 'F1', score.micro.F1],
    ['micro-precision', 'share', score.micro.P],
    ['micro-recall', 'share', score.micro.R],
    ['exact-page', 'share', score.exactPage],
    ['exact-auth', 'share', score.exactAuthPage],
    ['none-as-secret', '%', score.authOrCardOnNonePct],
    ...Object.entries(score.groups).map(([group, { F1 }]): [string, string, number | null] => [group, 'F1', F1]),
    ['median', 'ms', score.timeMs.median],
    ['p95', 'ms', score.timeMs.p95],
  ]
}

figure('autofill-content-gzip', 'kB', (await contentBytes()) / 1000, 1)
if (!corpusPresent) note('left out: autofill corpora (not found at ../shared/autofill, or no Chromium)')
else {
  noteLoad()
  const { ours, peers } = await corpusScores(corpora, { native: values['native'] === true })
  for (const [corpus, score] of Object.entries(ours)) {
    const theirs = Object.entries(peers).map(([name, scores]) => [name, scores[corpus]] as const)
    for (const [name, unit, value] of figuresOf(score)) {
      if (value === null || value === undefined) continue
      const own = figure(`autofill-${corpus}-${name}`, unit, value, score.pages)
      for (const [peer, other] of theirs) {
        const found = other === undefined ? undefined : figuresOf(other).find(([each]) => each === name)?.[2]
        if (found !== null && found !== undefined && found > 0) peerOf(own, peer, [found])
      }
    }
  }
}
