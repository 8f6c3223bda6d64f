/**
 * Holds the tree against the import matrix in layers.ts and prints each rule as a sentence, with the number of modules that
 * it saw. A rule that saw none fails: a check that looked at nothing has shown nothing. Run by `npm run verify`.
 *
 * Type imports count like any other: what a layer may not use it need not name either.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { layers, type LayerTable, type Part } from './layers.ts'
import { isTestingDoor, readTree, type Import, type Module, type Tree } from './read-tree.ts'

export interface Finding {
  readonly sentence: string
  /** How many modules the rule looked at. */
  readonly modules: number
  /** What was counted, where it was not modules. */
  readonly unit?: string
  readonly problems: readonly string[]
  /** Why the rule has nothing to look at yet; only for parts that the table marks as planned. */
  readonly notYet?: string
}

export function checkLayers(root: string, table: LayerTable): Finding[] {
  const tree = readTree(root)
  const context: Context = { root, table, tree, partOf: (path) => partOf(table, path) }
  return [
    everySourceHasAPlace(context),
    matrixHolds(context),
    serverNeverSeesAKey(context),
    pageNeverSeesTheKeychain(context),
    coreRunsAnywhere(context),
    packagesHaveDoors(context),
    doublesStayInTests(context),
    noPackageNeedsItself(context),
  ].map((finding) =>
    finding.modules === 0 && finding.notYet === undefined
      ? { ...finding, problems: ['it saw no module, so it proves nothing', ...finding.problems] }
      : finding,
  )
}

interface Context {
  readonly root: string
  readonly table: LayerTable
  readonly tree: Tree
  readonly partOf: (path: string) => Part | undefined
}

function partOf(table: LayerTable, path: string): Part | undefined {
  let found: Part | undefined
  for (const part of table.parts) if (path.startsWith(`${part.path}/`) && part.path.length > (found?.path.length ?? 0)) found = part
  return found
}

const at = (module: Module, { line, specifier }: Import): string => `${module.path}:${line} imports ${specifier}`
const inPackageOrApp = (path: string): boolean => /^(?:packages|apps)\//.test(path)

function everySourceHasAPlace({ root, table, tree, partOf: part }: Context): Finding {
  const problems: string[] = []
  for (const { path, dependencies, devDependencies } of tree.packages) {
    const own = part(`${path}/package.json`)
    if (own === undefined) {
      problems.push(`${path} is not in the table`)
      continue
    }
    const below = table.parts.filter((each) => each.path === own.path || each.path.startsWith(`${own.path}/`))
    const products = below.flatMap(({ mayImport }) => mayImport)
    const tests = [...products, ...below.flatMap(({ testsMayImport = [] }) => testsMayImport)]
    const refuse = (names: readonly string[], doors: readonly string[]): void => {
      const allowed = doors.map(packageOfDoor)
      for (const name of names.filter((each) => tree.packages.some((other) => other.name === each))) {
        if (!allowed.includes(name) && !doors.includes('any'))
          problems.push(`${path}/package.json depends on ${name}, which the table does not allow`)
      }
    }
    refuse(dependencies, products)
    refuse(devDependencies, tests)
  }
  for (const module of tree.modules.values()) {
    problems.push(...module.problems.map((problem) => `${module.path} cannot be read: ${problem}`))
  }
  for (const { path, planned } of table.parts) {
    if (existsSync(join(root, path)) === (planned === true)) {
      problems.push(planned ? `${path} exists: remove "planned" from its line in the table` : `${path} is in the table and not in the tree`)
    }
  }
  for (const pattern of table.nodeOnly) {
    if (![...tree.modules.keys()].some((path) => matches(pattern, path))) problems.push(`${pattern} is in the table and matches no file`)
  }
  return { sentence: 'every package has its place in the table', modules: tree.modules.size, problems }
}

function packageOfDoor(door: string): string {
  return door.split('/').slice(0, 2).join('/')
}

/** `*` stands for any run of characters within a name. */
function matches(pattern: string, path: string): boolean {
  const [head = '', tail] = pattern.split('*')
  return tail === undefined ? path === pattern : path.startsWith(head) && path.endsWith(tail) && !path.slice(head.length).includes('/')
}

function doorAllowed(part: Part, module: Module, specifier: string): boolean {
  if (part.mayImport === 'any' || part.mayImport.includes(specifier)) return true
  if (!module.isTest) return false
  return part.testsMayImport === 'any' || part.testsMayImport?.includes(specifier) === true || isTestingDoor(specifier)
}

function matrixHolds({ tree, partOf: part }: Context): Finding {
  const problems: string[] = []
  let modules = 0
  for (const module of tree.modules.values()) {
    const own = part(module.path)
    if (own === undefined) continue
    modules++
    for (const each of module.imports) {
      if (each.kind === 'ours' && !doorAllowed(own, module, each.specifier)) problems.push(`${at(module, each)}, which ${own.path} may not`)
      if (each.kind === 'missing') problems.push(`${at(module, each)}, which is no package of ours`)
      if (each.kind === 'unreadable' && inPackageOrApp(module.path) && !module.isTest) {
        problems.push(`${module.path}:${each.line} imports something that this check cannot read; write the specifier as a plain string`)
      }
      if (each.kind === 'relative' && own.closed && !module.isTest && !each.files.every((file) => file.startsWith(`${own.path}/`))) {
        problems.push(`${at(module, each)}, which leaves the closed folder ${own.path}`)
      }
    }
  }
  return { sentence: 'every import goes down the table', modules, problems }
}

function serverNeverSeesAKey({ table, tree }: Context): Finding {
  const sentence = 'the server never sees a key'
  const seen = new Map<string, string>() // module -> how it was reached
  for (const { path, isTest } of tree.modules.values()) if (!isTest && path.startsWith(`${table.server}/`)) seen.set(path, path)
  const modules = seen.size
  const problems: string[] = []
  // a Map visits what is added while it is walked, so this goes on to the end of what the server can reach
  for (const [path, how] of seen) {
    if (!table.keyless.some((keyless) => (keyless.endsWith('/') ? path.startsWith(keyless) : path === keyless))) {
      problems.push(`the server reaches ${path} (${how})`)
      continue
    }
    for (const file of tree.modules.get(path)?.imports.flatMap(filesOf) ?? []) if (!seen.has(file)) seen.set(file, `${how} → ${file}`)
  }
  return { sentence, modules, problems }
}

function filesOf(each: Import): readonly string[] {
  return 'files' in each ? (each.files ?? []) : []
}

function pageNeverSeesTheKeychain({ root, table, tree, partOf: part }: Context): Finding {
  const sentence = 'a web page never sees the keychain'
  const planned = table.parts.find(({ path }) => path === table.page)?.planned === true && !existsSync(join(root, table.page))
  const modules = [...tree.modules.values()].filter(({ path, isTest }) => !isTest && part(path)?.path === table.page)
  const problems = modules.flatMap((module) =>
    module.imports.filter((each) => each.kind === 'ours' && each.package.name !== '@nokkel/autofill').map((each) => at(module, each)),
  )
  return { sentence, modules: modules.length, problems, ...(planned ? { notYet: `${table.page} does not exist yet` } : {}) }
}

/** The half of the promise that imports can show; the other half is `tsc -p tsconfig.core.json`. */
function coreRunsAnywhere({ table, tree, partOf: part }: Context): Finding {
  const problems: string[] = []
  const nodeOnly = (path: string): boolean => table.nodeOnly.some((pattern) => matches(pattern, path))
  let modules = 0
  for (const module of tree.modules.values()) {
    const own = part(module.path)
    if (own === undefined || own.layer > 5 || module.isTest || nodeOnly(module.path)) continue
    modules++
    for (const each of module.imports) {
      if (each.kind === 'node') problems.push(at(module, each))
      // an `imports` condition is the one way in, because every other platform takes another branch of it
      else if (each.kind !== 'inner' && filesOf(each).some(nodeOnly)) problems.push(`${at(module, each)}, which runs on Node alone`)
    }
  }
  return { sentence: 'the core runs anywhere', modules, problems }
}

function packagesHaveDoors({ root, tree, partOf: part }: Context): Finding {
  const problems: string[] = []
  // looks are no module and import nothing
  const isThere = (file: string): boolean => tree.modules.has(file) || (file.endsWith('.css') && existsSync(join(root, file)))
  let modules = 0
  for (const module of tree.modules.values()) {
    modules++
    const home = tree.packages.find(({ path }) => module.path.startsWith(`${path}/`))?.path ?? (module.path.split('/')[0] as string)
    for (const each of module.imports) {
      if (each.kind === 'ours' && each.files === undefined) problems.push(`${at(module, each)}, which is no door of ${each.package.name}`)
      if (each.kind === 'ours' && each.package.path === home) problems.push(`${at(module, each)}, its own package, from outside`)
      if (each.kind === 'inner' && each.files.length === 0) problems.push(`${at(module, each)}, which its package.json does not define`)
      if (each.kind !== 'relative') continue
      const reachable = part(module.path)?.reachesInto ?? []
      if (!each.files.every((file) => file.startsWith(`${home}/`) || reachable.includes(file)))
        problems.push(`${at(module, each)}, which leaves ${home}`)
      else if (!module.isTest && each.files.some((file) => /\.test\.[cm]?[jt]sx?$/.test(file))) problems.push(`${at(module, each)}, a test`)
    }
  }
  for (const { name, doors } of tree.packages) {
    for (const [door, files] of doors) {
      if (door.includes('*')) problems.push(`${name} has a door for everything (${door})`)
      else if (files.length === 0) problems.push(`${name} has a door to nowhere (${door})`)
      for (const file of files)
        if (!door.includes('*') && !isThere(file)) problems.push(`${name} has a door to ${file}, which is not there`)
    }
  }
  return { sentence: 'packages are entered by their doors', modules, problems }
}

function doublesStayInTests({ tree, partOf: part }: Context): Finding {
  const products = [...tree.modules.values()].filter(({ path, isTest }) => !isTest && (part(path)?.layer ?? 7) < 7)
  const problems = products.flatMap((module) =>
    module.imports.filter((each) => filesOf(each).some((file) => tree.modules.get(file)?.isTest === true)).map((each) => at(module, each)),
  )
  return { sentence: 'doubles stay in tests', modules: products.length, problems }
}

function noPackageNeedsItself({ tree }: Context): Finding {
  const needs = new Map(tree.packages.map(({ path }) => [path, new Set<string>()]))
  let modules = 0
  for (const { path, isTest, imports } of tree.modules.values()) {
    const home = tree.packages.find((each) => path.startsWith(`${each.path}/`))?.path
    if (home === undefined || isTest) continue
    modules++
    for (const each of imports) if (each.kind === 'ours' && each.package.path !== home) needs.get(home)?.add(each.package.path)
  }
  const problems: string[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) problems.push([...trail.slice(trail.indexOf(path)), path].join(' → '))
    else if (!done.has(path)) for (const next of needs.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of needs.keys()) visit(path, [])
  return { sentence: 'no package needs itself', modules, problems }
}

/** Prints the findings; false when any of them has a problem. */
export function report(findings: readonly Finding[], print: (line: string) => void): boolean {
  for (const { sentence, modules, unit = 'modules', problems, notYet } of findings) {
    if (problems.length > 0) print(`✗ ${sentence}: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`)
    else print(notYet === undefined ? `✓ ${sentence} (${modules} ${unit})` : `· ${sentence}: ${notYet}`)
    for (const problem of problems) print(`    ${problem}`)
  }
  return findings.every(({ problems }) => problems.length === 0)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = resolve(process.argv[2] ?? join(import.meta.dirname, '..'))
  process.exitCode = report(checkLayers(root, layers), (line) => console.log(line)) ? 0 : 1
}
