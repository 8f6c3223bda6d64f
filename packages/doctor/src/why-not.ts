/** "Why not?" (E9): the browser's causes alone, at once and without a network, for the extension's popup. The same causes as in a whole examination. */
import type { Cause } from './cause.ts'
import { causes } from './causes/index.ts'
import type { Finding } from './finding.ts'
import type { BrowserObservation, Seen } from './observations.ts'
import type { Symptom } from './symptom.ts'

const ofBrowser: readonly Cause[] = causes.filter(({ observes }) => observes.every((name) => name === 'browser'))

/** First the one to begin with; empty: nothing of the browser stands in the way. */
export function whyNot(browser: BrowserObservation, symptom: Symptom, version: string): readonly Finding[] {
  const asked = ofBrowser.filter(({ symptoms }) => symptoms === 'all' || symptoms.includes(symptom))
  const context = { surface: 'extension', version, symptom } as const
  const hits = asked.flatMap((cause) => {
    const hit = cause.find({ browser } as Seen, context)
    return hit === null ? [] : [{ cause, hit }]
  })
  return hits
    .filter(({ cause }) => !hits.some((other) => cause.explainedBy?.includes(other.cause.code) === true))
    .map(({ cause: { code, severity, steps, action = null }, hit }) => ({ code, severity, ...hit, steps, action }))
}
