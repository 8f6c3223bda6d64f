/**
 * Just enough of vitest to run a contract suite inside a page, where vitest itself cannot run: it stands in for the module `vitest` when the
 * suite is bundled. It knows the few forms that the contract of the device store uses and throws on any other.
 */
interface Case {
  readonly name: string
  readonly run: () => unknown
}
export interface CaseResult {
  readonly name: string
  readonly error: string | null
}

const cases: Case[] = []
const before: (() => unknown)[] = []
const after: (() => unknown)[] = []

export function describe(_name: string, body: () => void): void {
  body()
}
export function beforeEach(hook: () => unknown): void {
  before.push(hook)
}
export function afterEach(hook: () => unknown): void {
  after.push(hook)
}
function addCase(name: string, run: () => unknown): void {
  cases.push({ name, run })
}
function each(rows: readonly (readonly unknown[])[]) {
  return (name: string, run: (...row: readonly unknown[]) => unknown): void => {
    for (const row of rows) addCase(name.replace('%s', String(row[0])), () => run(...row))
  }
}
export const test = Object.assign(addCase, { each })

function equal(a: unknown, b: unknown, partly = false): boolean {
  if (Object.is(a, b)) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i])
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  const names = Object.keys(right)
  if ((!partly || Array.isArray(a)) && Object.keys(left).length !== names.length) return false
  return names.every((name) => equal(left[name], right[name], partly))
}

const show = (value: unknown): string => (value instanceof Error ? String(value) : JSON.stringify(value))?.slice(0, 300) ?? 'undefined'

function matchers(actual: unknown) {
  const hold = (holds: boolean, what: string, expected?: unknown): void => {
    if (!holds) throw new Error(`expected ${show(actual)} ${what} ${show(expected)}`)
  }
  return {
    toBe: (expected: unknown) => hold(Object.is(actual, expected), 'to be', expected),
    toEqual: (expected: unknown) => hold(equal(actual, expected), 'to equal', expected),
    toMatchObject: (expected: unknown) => hold(equal(actual, expected, true), 'to match', expected),
    toHaveLength: (expected: number) => hold((actual as ArrayLike<unknown>).length === expected, 'to have length', expected),
    toBeUndefined: () => hold(actual === undefined, 'to be undefined'),
  }
}

export function expect(actual: unknown) {
  return {
    ...matchers(actual),
    rejects: {
      async toMatchObject(expected: unknown): Promise<void> {
        const outcome = await Promise.resolve(actual).then(
          () => ({ reason: undefined }),
          (reason: unknown) => ({ reason }),
        )
        matchers(outcome.reason).toMatchObject(expected)
      },
    },
  }
}

export async function runCases(): Promise<CaseResult[]> {
  const results: CaseResult[] = []
  for (const { name, run } of cases) {
    let error: string | null = null
    try {
      for (const hook of before) await hook()
      await run()
    } catch (thrown) {
      error = String(thrown)
    }
    for (const hook of after) await hook()
    results.push({ name, error })
  }
  return results
}
