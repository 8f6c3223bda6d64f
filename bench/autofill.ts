/**
 * Figures `autofill-*`: how right the engine is on labelled pages (dev half), how long a page takes cold, and what it weighs in a content
 * script. The pages are not part of the project: without them only the weight is measured, and the output says so.
 */
import { contentBytes, corpusPresent, corpusScores } from './parts/autofill-corpus.ts'
import { figure, note } from './parts/figures.ts'

figure('autofill-content-gzip', 'kB', (await contentBytes()) / 1000, 1)
if (!corpusPresent) note('left out: autofill corpora (not found at ../shared/autofill, or no Chromium)')
else {
  const scores = await corpusScores(['formasaurus', 'fathom-login', 'fathom-new', 'ddg', 'chromium'])
  for (const [corpus, score] of Object.entries(scores)) {
    const given = (name: string, unit: string, value: number | null | undefined): void => {
      if (value !== null && value !== undefined) figure(`autofill-${corpus}-${name}`, unit, value, 1)
    }
    given('micro', 'F1', score.micro.F1)
    given('exact-page', 'share', score.exactPage)
    given('exact-auth', 'share', score.exactAuthPage)
    given('none-as-secret', '%', score.authOrCardOnNonePct)
    for (const [group, { F1 }] of Object.entries(score.groups)) given(group, 'F1', F1)
    given('median', 'ms', score.timeMs.median)
    given('p95', 'ms', score.timeMs.p95)
  }
}
