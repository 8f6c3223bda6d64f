/**
 * The repository as the checks see it: packages with their doors, modules with what they import, every import resolved to
 * files of ours where it is ours. Reads files, judges nothing. Sources only: node_modules and built files are passed over.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import { importsOf, scanSource } from './scan-source.ts'

export interface Package {
  readonly name: string
  /** Folder from the root, with forward slashes like every path here. */
  readonly path: string
  /** Door ('.', './wire') to the files behind it, one for each condition. */
  readonly doors: ReadonlyMap<string, readonly string[]>
  /** Entries of the `imports` map ('#backend'), likewise. */
  readonly inner: ReadonlyMap<string, readonly string[]>
  /** Names in dependencies, peerDependencies and optionalDependencies. */
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
}

export type Import = { readonly specifier: string; readonly line: number } & (
  | { readonly kind: 'relative'; readonly files: readonly string[] }
  | { readonly kind: 'inner'; readonly files: readonly string[] }
  /** `files` is undefined when the package has no such door. */
  | { readonly kind: 'ours'; readonly package: Package; readonly door: string; readonly files: readonly string[] | undefined }
  | { readonly kind: 'node' }
  | { readonly kind: 'external' }
  /** a name of ours that no package has */
  | { readonly kind: 'missing' }
  /** not a plain string literal */
  | { readonly kind: 'unreadable' }
)

export interface Module {
  readonly path: string
  readonly isTest: boolean
  readonly imports: readonly Import[]
  readonly problems: readonly string[]
}

export interface Tree {
  readonly packages: readonly Package[]
  readonly modules: ReadonlyMap<string, Module>
}

/** Folders at the root whose sources belong to no package. */
const looseFolders = ['tests', 'bench', 'tools']
const passedOver = new Set(['node_modules', 'dist', 'coverage', '.git'])
const sourceFile = /\.[cm]?[jt]sx?$/
const builtins = new Set(builtinModules)

export function readTree(root: string): Tree {
  const packages = ['packages', 'apps'].flatMap((folder) =>
    foldersIn(join(root, folder))
      .map((name) => `${folder}/${name}`)
      .filter((path) => existsSync(join(root, path, 'package.json')))
      .map((path) => readPackage(root, path)),
  )
  const byName = new Map(packages.map((each) => [each.name, each]))
  const testing = new Set(packages.flatMap(({ doors }) => [...doors].filter(([door]) => isTestingDoor(door)).flatMap(([, files]) => files)))
  const modules = new Map<string, Module>()
  for (const path of ['packages', 'apps', ...looseFolders]
    .flatMap((folder) => filesIn(root, folder))
    .filter((file) => sourceFile.test(file))) {
    const owner = packages.find((each) => path.startsWith(`${each.path}/`))
    const scanned = scanSource(readFileSync(join(root, path), 'utf8'))
    modules.set(path, {
      path,
      isTest: /\.test\.[cm]?[jt]sx?$|\/testing\//.test(path) || testing.has(path),
      imports: importsOf(scanned).map(({ specifier, line }) => resolveImport(specifier, line, path, owner, byName)),
      problems: scanned.problems,
    })
  }
  return { packages, modules }
}

export function isTestingDoor(door: string): boolean {
  return /(?:^|\/)testing$/.test(door)
}

/** Files below `folder`, as paths from `root` with forward slashes. None when the folder is missing. */
export function filesIn(root: string, folder: string): string[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) return passedOver.has(entry.name) ? [] : filesIn(root, path)
    return entry.isFile() ? [path] : []
  })
}

function foldersIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => statSync(join(folder, name)).isDirectory()) : []
}

function readPackage(root: string, path: string): Package {
  const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as Record<string, unknown>
  const names = (key: string): string[] => Object.keys((manifest[key] as object | undefined) ?? {})
  const declared = manifest['exports']
  const doors = typeof declared === 'string' ? { '.': declared } : declared
  return {
    name: String(manifest['name']),
    path,
    doors: targets(path, doors),
    inner: targets(path, manifest['imports']),
    dependencies: ['dependencies', 'peerDependencies', 'optionalDependencies'].flatMap(names),
    devDependencies: names('devDependencies'),
  }
}

function targets(path: string, map: unknown): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const [key, value] of Object.entries((map as object | undefined) ?? {}))
    found.set(
      key,
      leaves(value).map((file) => posix.join(path, file)),
    )
  return found
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

function resolveImport(
  specifier: string | undefined,
  line: number,
  from: string,
  owner: Package | undefined,
  byName: ReadonlyMap<string, Package>,
): Import {
  // an escape in a specifier has no honest use, and the scan does not resolve it
  if (specifier === undefined || specifier.includes('\\')) return { specifier: specifier ?? '(computed)', line, kind: 'unreadable' }
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..') {
    return { specifier, line, kind: 'relative', files: [posix.join(posix.dirname(from), specifier)] }
  }
  if (specifier.startsWith('#')) return { specifier, line, kind: 'inner', files: owner?.inner.get(specifier) ?? [] }
  if (specifier.startsWith('node:') || builtins.has(specifier)) return { specifier, line, kind: 'node' }
  const segments = specifier.split('/')
  const name = segments.splice(0, specifier.startsWith('@') ? 2 : 1).join('/')
  const found = byName.get(name)
  if (found === undefined) return { specifier, line, kind: name.startsWith('@nokkel/') ? 'missing' : 'external' }
  const door = segments.length === 0 ? '.' : `./${segments.join('/')}`
  return { specifier, line, kind: 'ours', package: found, door, files: found.doors.get(door) }
}
