/**
 * Reads an object of a parsed JSON file by names, own properties only (`__proto__` in a file is a name like any other), and knows
 * afterwards what nobody read. Wrong types read as absent and count as unread.
 */

export class JsonSource {
  readonly #object: Readonly<Record<string, unknown>>
  readonly #read = new Set<string>()
  readonly #path: string

  constructor(value: object, path = '') {
    this.#object = value as Readonly<Record<string, unknown>>
    this.#path = path
  }

  /** Undefined for anything but an object. */
  static from(value: unknown, path = ''): JsonSource | undefined {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? new JsonSource(value, path) : undefined
  }

  /** Strings, and numbers and booleans as text; '' when absent. */
  text(name: string): string {
    const value = this.#own(name)
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return ''
    this.#read.add(name)
    return String(value)
  }

  object(name: string): JsonSource | undefined {
    const found = JsonSource.from(this.#own(name), `${this.#path}${name}.`)
    if (found !== undefined) this.#read.add(name)
    return found
  }

  list(name: string): readonly unknown[] {
    const value = this.#own(name)
    if (!Array.isArray(value)) return []
    this.#read.add(name)
    return value as readonly unknown[]
  }

  /** Names whose values are of no use here, on purpose. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name)
  }

  names(): string[] {
    return Object.keys(this.#object)
  }

  /** The full names of what was not read and is not empty. */
  unread(): string[] {
    return this.names()
      .filter((name) => !this.#read.has(name) && !isEmpty(this.#own(name)))
      .map((name) => this.#path + name)
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#object, name) ? this.#object[name] : undefined
  }
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === '' || value === false) return true
  return typeof value === 'object' && Object.keys(value as object).length === 0
}

/** ISO 8601 with date and time; milliseconds since 1970, or undefined. */
export function isoMs(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? undefined : ms
}
