/**
 * Checks of words, run by `npm run verify`: nothing in the tree names the place where it was written or is left of a merge, rules and decisions
 * have numbers of their own, the Norwegian and the English catalogue say the same things, and no test is left out without a reason on the line above.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { report, type Finding } from './check-layers.ts'
import { filesIn } from './read-tree.ts'
import { lineOf, scanSource } from './scan-source.ts'

/** Absolute paths of one machine and hosts of package registries. They would be wrong, or slow, for everybody else. */
const forbidden: readonly RegExp[] = [
  /(?<![\w.~-])\/(?:work|farm)\//g,
  /registry\.(?:npmjs|npmmirror|yarnpkg)\b/g,
  /\b(?:npm\.pkg\.github|npm\.jsr|deb\.debian|security\.debian|archive\.ubuntu|files\.pythonhosted)\./g,
  /^registry\s*=/gm,
]

/** Tracked files and new ones that git does not ignore; in a tree without git, everything but built and installed files. */
export function projectFiles(root: string): string[] {
  if (!existsSync(join(root, '.git'))) return filesIn(root, '')
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  return [...new Set(listed.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort()
}

export function noWorkplaceWords(root: string, files: readonly string[]): Finding {
  const problems: string[] = []
  for (const path of files) {
    const text = readFileSync(join(root, path), 'utf8')
    if (text.includes('\0')) continue // a binary file
    for (const pattern of forbidden) {
      for (const match of text.matchAll(pattern)) problems.push(`${path}:${lineOf(text, match.index)} says ${match[0]}`)
    }
  }
  return { sentence: 'nothing names the place where it was written', modules: files.length, unit: 'files', problems }
}

/** What stands at the beginning of a line where two changes were not brought together. */
const unmerged = /^(?:<{7} .*|={7}$|>{7} .*)/gm

export function noMergeLeftOver(root: string, files: readonly string[]): Finding {
  const problems: string[] = []
  for (const path of files) {
    const text = readFileSync(join(root, path), 'utf8')
    if (text.includes('\0')) continue
    for (const match of text.matchAll(unmerged)) problems.push(`${path}:${lineOf(text, match.index)} says ${match[0]}`)
  }
  return { sentence: 'nothing is left of a merge', modules: files.length, unit: 'files', problems }
}

/** Two changes made side by side may both take the next number, and then neither can be named. */
export function numbersAreTheirOwn(root: string, files: readonly string[]): Finding {
  const places = new Map<string, string[]>()
  const add = (number: string, place: string): void => void places.set(number, [...(places.get(number) ?? []), place])
  for (const path of files) {
    const decision = /^docs\/adr\/(\d{4})-/.exec(path)?.[1]
    if (decision !== undefined) add(`decision ${decision}`, path)
    if (path !== 'docs/SPEC.md') continue
    const text = readFileSync(join(root, path), 'utf8')
    for (const match of text.matchAll(/^\*\*([A-Z]+-\d+)\*\*/gm)) add(`rule ${match[1] as string}`, `${path}:${lineOf(text, match.index)}`)
  }
  const problems = [...places].flatMap(([number, at]) => (at.length > 1 ? [`${number} stands at ${at.join(' and ')}`] : []))
  return { sentence: 'each rule and decision has a number of its own', modules: places.size, unit: 'numbers', problems }
}

const leavingOut =
  /(?<![\w$])(?:(?:it|test|describe|suite|bench)(?:\.\w+)*\.(?:skip|skipIf|runIf|todo|fails|only)|x(?:it|test|describe)|f(?:it|describe)|(?:ctx|context|t)\.skip)\b(?:\(\s*(?<condition>\w+))?/g

/** A condition needs its reason once a file: `describe.skipIf(vectorsMissing(…))` further down is explained by the first. */
export function noTestLeftOutInSilence(root: string, files: readonly string[]): Finding {
  const tests = files.filter((path) => /\.test\.[cm]?[jt]sx?$/.test(path))
  const problems: string[] = []
  for (const path of tests) {
    const source = readFileSync(join(root, path), 'utf8')
    const { code, problems: unread } = scanSource(source)
    problems.push(...unread.map((problem) => `${path} cannot be read: ${problem}`))
    const lines = source.split('\n')
    const explained = new Set<string>()
    for (const match of code.matchAll(leavingOut)) {
      const line = lineOf(source, match.index)
      const [call = ''] = match[0].split('(')
      const condition = call.endsWith('If') ? match.groups?.['condition'] : undefined
      if (/^f|\.only$/.test(call)) problems.push(`${path}:${line} ${call} leaves all other tests out`)
      else if (/^\s*(?:\/\/|\*|\/\*)\s*\w/.test(lines[line - 2] ?? '')) {
        if (condition !== undefined) explained.add(condition)
      } else if (condition === undefined || !explained.has(condition))
        problems.push(`${path}:${line} ${call} without a reason on the line above`)
    }
  }
  return { sentence: 'no test is left out without a reason', modules: tests.length, unit: 'test files', problems }
}

export async function cataloguesAgree(root: string): Promise<Finding> {
  const sentence = 'nb and en say the same things'
  const path = 'packages/messages/src/index.ts'
  if (!existsSync(join(root, path))) return { sentence, modules: 0, problems: [`${path} does not exist`] }
  const { nb, en } = (await import(pathToFileURL(join(root, path)).href)) as { nb?: unknown; en?: unknown }
  if (!isBranch(nb) || !isBranch(en)) return { sentence, modules: 0, problems: [`${path} does not export the catalogues nb and en`] }
  const [ours, theirs] = [entriesOf(nb), entriesOf(en)]
  const problems: string[] = []
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [a, b] = [ours.get(key), theirs.get(key)]
    if (a === undefined || b === undefined) problems.push(`${key} is missing in ${a === undefined ? 'nb' : 'en'}`)
    else if (a !== b) problems.push(`${key} takes ${a} in nb and ${b} in en`)
  }
  for (const [name, entries] of Object.entries({ nb: ours, en: theirs })) {
    for (const [key, takes] of entries) if (takes === nothing) problems.push(`${key} is empty in ${name}`)
  }
  return { sentence, modules: ours.size, unit: 'entries', problems }
}

const nothing = 'no words'

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Key path to what the entry takes: `{names}` in a text, the number of parameters of a function. */
function entriesOf(branch: Record<string, unknown>, prefix = ''): Map<string, string> {
  const entries = new Map<string, string>()
  for (const [name, value] of Object.entries(branch)) {
    const key = `${prefix}${name}`
    if (isBranch(value)) for (const [inner, takes] of entriesOf(value, `${key}.`)) entries.set(inner, takes)
    else if (typeof value === 'function') entries.set(key, `${value.length} parameters`)
    else if (Array.isArray(value)) entries.set(key, value.length === 0 ? nothing : `a list of ${value.length}`)
    else if (typeof value !== 'string' || value.trim() === '') entries.set(key, nothing)
    else entries.set(key, [...new Set(value.match(/\{\w+\}/g))].sort().join(' ') || 'no parameters')
  }
  return entries
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'))
  const files = projectFiles(root)
  const findings = [
    noWorkplaceWords(root, files),
    noMergeLeftOver(root, files),
    numbersAreTheirOwn(root, files),
    noTestLeftOutInSilence(root, files),
    await cataloguesAgree(root),
  ]
  const complete = findings.map((finding) =>
    finding.modules === 0 && finding.problems.length === 0 ? { ...finding, problems: ['it saw nothing, so it proves nothing'] } : finding,
  )
  process.exitCode = report(complete, (line) => console.log(line)) ? 0 : 1
}
