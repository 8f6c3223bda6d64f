/** An examination, for a person on standard output: the cause to begin with in full, the others after it, and what could not be looked at. */
import { NokkelError } from '@nokkel/base'
import type { Examination, Finding } from '@nokkel/doctor'
import { createDoctorWords } from '@nokkel/messages/doctor'
import type { Context } from '../context.ts'
import { errorWords, toNokkelError } from '../report-error.ts'

export function printExamination(context: Context, examination: Examination): void {
  const { messages, out } = context
  const words = createDoctorWords(messages)
  const { findings, unobserved, guidance, symptom } = examination
  const [first, ...others] = findings
  if (symptom !== null) out.print(out.dim(words.symptom(symptom)))
  if (first === undefined) out.print(words.t(unobserved.length === 0 ? 'doctor.healthy-all' : 'doctor.healthy'))
  else printFinding(context, first)
  if (others.length > 0) {
    out.print('')
    out.print(words.t('doctor.also', { count: others.length }))
    for (const finding of others) {
      out.print('')
      printFinding(context, finding)
    }
  }
  if (first === undefined && guidance.length > 0) {
    out.print('')
    out.print(words.t('doctor.how'))
    printSteps(context, guidance)
  }
  if (unobserved.length > 0) {
    out.print('')
    out.print(words.t('doctor.unobserved'))
    for (const line of words.unobserved(unobserved)) out.print(`  ${line}`)
  }
  out.print('')
  out.print(
    out.dim(`${words.t('doctor.checked', { count: examination.checks.length })} · ${words.t('doctor.took', { ms: examination.tookMs })}`),
  )
}

function printFinding(context: Context, finding: Finding): void {
  const { messages, out } = context
  const words = createDoctorWords(messages)
  const title = words.title(finding)
  out.print(
    `${finding.severity === 'problem' ? out.bad(title) : out.strong(title)}${finding.confidence === 'likely' ? ` (${words.t('doctor.likely').toLowerCase()})` : ''}`,
  )
  out.print(`  ${words.because(finding)}`)
  printSteps(context, finding.steps)
}

function printSteps({ messages, out }: Context, steps: readonly string[]): void {
  const words = createDoctorWords(messages)
  for (const [at, step] of steps.entries()) out.print(`  ${at + 1}. ${words.step(step, 'cli')}`)
}

/** For scripts, with the words beside the codes. */
export function findingAsData({ messages }: Context, finding: Finding): Readonly<Record<string, unknown>> {
  const words = createDoctorWords(messages)
  return {
    ...finding,
    title: words.title(finding),
    because: words.because(finding),
    toDo: finding.steps.map((step) => words.step(step, 'cli')),
  }
}

export function printFailure(context: Context, action: string, error: unknown): void {
  const words = createDoctorWords(context.messages)
  const known = error instanceof NokkelError ? error : toNokkelError(error, context.signal)
  context.out.print(words.t('doctor.failed', { what: words.action(action), why: errorWords(context, known).message }))
}
