/** The two tables in docs, made from the faults and from the article. `tables.test.ts` holds the files against them. */
import { actions, causes, guidance, type CauseCode, type Symptom } from '@nokkel/doctor'
import { createMessages } from '@nokkel/messages'
import { createDoctorWords } from '@nokkel/messages/doctor'
import { article } from './article.ts'
import { browserFaults } from './browser-faults.ts'
import { faults } from './faults/index.ts'

export interface Shown {
  readonly name: string
  readonly code: CauseCode
  readonly symptom: Symptom
  readonly test: string
}

/** Faults of the file under the keychain are made by `store-faults.test.ts`, through the command line. */
const storeFaults: readonly Shown[] = (
  [
    ['database damaged', 'database-damaged'],
    ['written by a newer version', 'database-too-new'],
    ['disk full', 'disk-full'],
    ['in use by another program', 'database-in-use'],
    ['cannot be opened', 'database-unreadable'],
    ['old local items not uploaded', 'local-items-waiting'],
  ] as const
).map(([name, code]) => ({ name, code, symptom: 'items-missing', test: 'store-faults.test.ts' }))

/** An account with two factors off, from its first number to its last try: `codes.test.ts`. */
const codeFaults: readonly Shown[] = (
  [
    ['SMS: the gateway could not deliver', 'sms-failed', 'sms-not-arriving'],
    ['the number is being opened by support', 'number-by-support', 'number-not-changing'],
    ['number changed or wrong', 'number-to-check', 'sms-not-arriving'],
    ['the number cannot be changed, on a trusted device', 'number-here', 'number-not-changing'],
    ['the number cannot be changed, on a device that waits', 'number-elsewhere', 'number-not-changing'],
    ['security code forgotten, on a trusted device', 'code-settable', 'code-forgotten'],
    ['security code forgotten, on a device that waits', 'code-other-ways', 'code-forgotten'],
    ['wrong codes were tried', 'code-attempts-few', 'code-too-many'],
    ['waiting after wrong codes', 'code-waits', 'code-too-many'],
    ['attempts used up', 'code-destroyed', 'code-too-many'],
  ] as const
).map(([name, code, symptom]) => ({ name, code, symptom, test: 'codes.test.ts' }))

export const shown: readonly Shown[] = [
  ...faults.map(({ name, code, symptom }) => ({ name, code, symptom, test: 'faults.test.ts' })),
  ...storeFaults,
  ...codeFaults,
  ...browserFaults.map(({ name, code, symptom }) => ({ name, code, symptom, test: 'browser.test.ts' })),
]

const words = createDoctorWords(createMessages('en'))
const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (heads: readonly string[], rows: readonly string[]): string =>
  [row(...heads), row(...heads.map(() => '---')), ...rows].join('\n')

export function matrix(): string {
  const rows = shown.map(({ name, code, symptom, test }) => {
    const cause = causes.find((each) => each.code === code)
    const action = cause?.action
    const help =
      action === undefined
        ? (cause?.steps ?? []).map((step) => words.step(step, 'app'))[0]
        : `${words.action(action)}${actions[action].needs === 'nothing' ? ' (`--fix`)' : ''}`
    return row(name, words.symptom(symptom), `\`${code}\``, 'none', help ?? '', test)
  })
  const unseen = [...new Set(causes.map(({ code }) => code))].filter((code) => !shown.some((each) => each.code === code))
  return `# The doctor's matrix

Made by \`tests/doctor/tables.ts\`, and compared with it by a test. Each row is a real state that \`tests/doctor\` makes: with the symptom named, and
without any, the finding is the first and the only one; its remedy, carried out, cures the symptom, and the doctor is content afterwards. Two at a time are in
\`pairs.test.ts\`, healthy systems in \`healthy.test.ts\`.

${table(['fault', 'symptom', 'first finding', 'beside it', 'what is offered', 'test'], rows)}

Causes without a fault of their own: ${unseen.length === 0 ? 'none' : unseen.map((code) => `\`${code}\``).join(', ')}.
`
}

export function articleTable(): string {
  const testOf = (codes: readonly CauseCode[]): string => {
    const tests = [...new Set(shown.flatMap(({ code, test }) => (codes.includes(code) ? [test] : [])))]
    return tests.length === 0 ? 'healthy.test.ts' : tests.join(', ')
  }
  const rows = article.map(({ says, symptoms, findings }, at) =>
    row(
      String(at + 1),
      says,
      symptoms.map((symptom) => `\`${symptom}\``).join(', '),
      findings.length === 0
        ? `guidance: ${symptoms
            .flatMap((symptom) => guidance[symptom])
            .map((step) => `\`${step}\``)
            .join(', ')}`
        : findings.map((code) => `\`${code}\``).join(', '),
      testOf(findings),
    ),
  )
  return `# The article, paragraph by paragraph

The reference article is about what to do when the keychain will not turn on or synchronise. Every heading and paragraph of it, in its order; equal ones
that come back are listed once. Made by \`tests/doctor/tables.ts\` from \`tests/doctor/article.ts\`, and compared with it by a test.

${table(['', 'what it is about', 'symptom', 'findings', 'shown in tests/doctor'], rows)}
`
}
