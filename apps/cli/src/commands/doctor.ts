/**
 * `nokkel doctor`: from what the person sees to what is wrong and what helps (G). Looks first and changes nothing; `--fix` shows its plan,
 * carries it out, and looks again. Works without a network, with a locked keychain and with a damaged file.
 */
import { existsSync, writeFileSync } from 'node:fs'
import { NokkelError, isNokkelError } from '@nokkel/base'
import {
  carryOut,
  examine,
  isSymptom,
  planMending,
  supportReport,
  symptoms,
  type Examination,
  type Mended,
  type Symptom,
} from '@nokkel/doctor'
import { createDoctorWords } from '@nokkel/messages/doctor'
import { defineCommand } from '../command.ts'
import type { Context } from '../context.ts'
import { findingAsData, printExamination, printFailure } from '../doctor/print-examination.ts'
import { openPatient, type Patient } from '../doctor/patient.ts'

export const command = defineCommand({
  options: {
    symptom: { type: 'string', value: 'SYMPTOM', about: 'option.symptom', completes: symptoms },
    fix: { type: 'boolean', about: 'option.fix' },
    report: { type: 'string', value: 'FILE', about: 'option.report', completes: 'file' },
    server: { type: 'string', value: 'URL', about: 'option.server' },
  },
  async run(context, { values }) {
    const symptom = symptomOf(context, values.symptom)
    const patient = await openPatient(context, values.server ?? context.env['NOKKEL_SERVER'])
    try {
      let found = await look(context, patient, symptom)
      const mended = values.fix ? await mend(context, patient, found) : null
      if (mended !== null) found = mended.after
      if (values.report !== undefined) await saveReport(context, found, values.report)
      else if (context.json) context.out.json(asDocument(context, found, mended))
      else if (!values.fix || mended !== null) printExamination(context, found)
      return found.findings.some(({ severity }) => severity !== 'note') ? 1 : 0
    } finally {
      await patient.close()
    }
  },
})

function symptomOf(context: Context, text: string | undefined): Symptom | null {
  if (text === undefined) return null
  if (isSymptom(text)) return text
  return context.usage('invalid-value', {
    option: '--symptom',
    expected: context.messages.t('expected.kind', { choices: symptoms.join(', ') }),
  })
}

async function look(context: Context, patient: Patient, symptom: Symptom | null): Promise<Examination> {
  const { errorToTerminal, redraw } = context.out
  const words = createDoctorWords(context.messages)
  const examination = await examine({
    surface: 'cli',
    version: context.version,
    symptom,
    observe: patient.observe,
    nowMs: Date.now,
    pause: patient.pause,
    onCheck: (_, known, total) => {
      if (errorToTerminal && !context.json) redraw(words.t('doctor.looking', { known, total }))
    },
  })
  if (errorToTerminal && !context.json) redraw('')
  return examination
}

/** null: there was nothing to do, or the person said no. */
async function mend(context: Context, patient: Patient, found: Examination): Promise<Mended | null> {
  const { json, messages, out, prompt } = context
  const words = createDoctorWords(messages)
  const plan = planMending(found, patient.actions)
  if (!json) {
    printExamination(context, found)
    out.print('')
    out.print(words.t(plan.length === 0 ? 'doctor.plan-none' : 'doctor.plan'))
    for (const { action, for: code } of plan) out.print(`  ${words.action(action)} – ${words.title({ code })}`)
  }
  if (plan.length === 0) return null
  // in a script the option itself is the yes
  if (!json && prompt.interactive && !(await prompt.confirm(words.t('doctor.plan-ask')))) return null
  const mended = await carryOut(plan, patient.actions, () => look(context, patient, found.symptom))
  if (!json) {
    for (const { action, failed } of mended.done) {
      if (failed === null) out.print(words.t('doctor.done', { what: words.action(action) }))
      else printFailure(context, action, failed)
    }
    out.print('')
    out.print(out.strong(words.t('doctor.after')))
  }
  return mended
}

async function saveReport(context: Context, found: Examination, file: string): Promise<void> {
  const { json, messages, out, prompt } = context
  const words = createDoctorWords(messages)
  const report = supportReport(found)
  if (json) return out.json(report)
  const lines = words.report(report)
  for (const line of lines) out.print(line)
  if (file === '-') return
  if (existsSync(file)) throw new NokkelError('io-failed', { path: file })
  // what is given to others is seen first
  if (!prompt.interactive) return context.usage('invalid-value', { option: '--report', expected: '-' })
  out.print('')
  out.print(words.t('doctor.report-about'))
  if (!(await prompt.confirm(words.t('doctor.report-ask', { file })))) return out.print(words.t('doctor.report-not-saved'))
  try {
    writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    throw new NokkelError('io-failed', { path: file }, { cause: error })
  }
  out.print(words.t('doctor.report-saved', { file }))
}

function asDocument(context: Context, found: Examination, mended: Mended | null): unknown {
  const { findings, ...rest } = found
  return {
    ...rest,
    findings: findings.map((finding) => findingAsData(context, finding)),
    fixed:
      mended?.done.map(({ action, for: code, failed }) => ({
        action,
        for: code,
        failed: failed === null ? null : isNokkelError(failed) ? failed.code : 'internal',
      })) ?? null,
  }
}
