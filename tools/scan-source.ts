/**
 * Reads TypeScript just closely enough to tell code from comments, strings and regular expressions, and to list what a module
 * imports. The compiler offers no stable parser to JavaScript and a parser of others would be one more dependency to trust.
 * Where the scan is unsure it says so (`problems`) instead of guessing: callers must treat a problem as a failure.
 */

export interface ScannedSource {
  /** The source with the contents of comments, strings, templates and regular expressions blanked; offsets and lines kept. */
  readonly code: string
  /** String literals by the offset of their opening quote, contents as written (escapes not resolved). */
  readonly strings: ReadonlyMap<number, string>
  readonly problems: readonly string[]
}

export interface ImportSite {
  /** As written; `undefined` for a dynamic import of something that is not one string literal. */
  readonly specifier: string | undefined
  readonly line: number
}

/** After one of these words a slash opens a regular expression; after any other word it divides. */
const wordsBeforeRegExp = new Set(
  'return typeof case in of delete void throw new else do instanceof yield await default extends'.split(' '),
)

export function scanSource(source: string): ScannedSource {
  const out = source.split('')
  const strings = new Map<number, string>()
  const problems: string[] = []
  /** Open braces of template substitutions: at these depths a closing brace returns to template text. */
  const substitutions: number[] = []
  let depth = 0
  let at = 0

  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (out[i] !== '\n' && out[i] !== '\r') out[i] = ' '
  }
  const skipTo = (end: number, from: number): void => {
    blank(from, end)
    at = end
  }

  /** From just after a backtick or the brace that closes a substitution, to the end of the template or the next `${`. */
  const skipTemplateText = (): void => {
    const from = at
    while (at < source.length) {
      const char = source[at]
      if (char === '\\') at += 2
      else if (char === '`') {
        blank(from, at)
        at++
        return
      } else if (char === '$' && source[at + 1] === '{') {
        blank(from, at + 1)
        substitutions.push(depth)
        depth++
        at += 2
        return
      } else at++
    }
    blank(from, source.length)
    problems.push(`line ${lineOf(source, from)}: a template that does not end`)
  }

  while (at < source.length) {
    const char = source[at] as string
    const next = source[at + 1]
    if (char === '/' && next === '/') {
      const end = source.indexOf('\n', at)
      skipTo(end < 0 ? source.length : end, at)
    } else if (char === '/' && next === '*') {
      const end = source.indexOf('*/', at + 2)
      if (end < 0) problems.push(`line ${lineOf(source, at)}: a comment that does not end`)
      skipTo(end < 0 ? source.length : end + 2, at)
    } else if (char === '#' && next === '!' && at === 0) {
      const end = source.indexOf('\n')
      skipTo(end < 0 ? source.length : end, 0)
    } else if (char === "'" || char === '"') {
      const end = endOfString(source, at)
      if (end !== undefined) {
        strings.set(at, source.slice(at + 1, end))
        blank(at + 1, end)
        at = end + 1
      } else at++ // an apostrophe in JSX text; a string never spans lines
    } else if (char === '`') {
      at++
      skipTemplateText()
    } else if (char === '/' && opensRegExp(out, at)) {
      const end = endOfRegExp(source, at)
      if (end === undefined) at++
      else {
        blank(at + 1, end)
        at = end + 1
      }
    } else if (char === '{') {
      depth++
      at++
    } else if (char === '}') {
      depth--
      at++
      if (substitutions.at(-1) === depth) {
        substitutions.pop()
        skipTemplateText()
      }
    } else at++
  }
  return { code: out.join(''), strings, problems }
}

export function lineOf(source: string, offset: number): number {
  let line = 1
  for (let i = source.indexOf('\n'); i >= 0 && i < offset; i = source.indexOf('\n', i + 1)) line++
  return line
}

/** Every module that a source names: import, export … from, import(), import types, require() and import.meta.resolve(). */
export function importsOf(scanned: ScannedSource): ImportSite[] {
  const { code, strings } = scanned
  const sites: ImportSite[] = []
  const add = (offset: number, specifier: string | undefined): void => {
    sites.push({ specifier, line: lineOf(code, offset) })
  }
  for (const match of code.matchAll(/(?<![\w$.#])(?:from|import)\s*(?=["'])/g)) {
    const specifier = strings.get(match.index + match[0].length)
    if (specifier !== undefined) add(match.index, specifier)
  }
  // a single dot before the word makes it a method of that name, three dots do not
  for (const match of code.matchAll(/(?<![\w$#]|(?<!\.\.)\.)(?<name>import|require|require\.resolve|import\.meta\.resolve)\s*\(\s*/g)) {
    const open = match.index + match[0].length
    const specifier = strings.get(open)
    const after = specifier === undefined ? '' : code.slice(open + specifier.length + 2)
    if (specifier !== undefined && /^\s*[,)]/.test(after)) add(match.index, specifier)
    else if (match.groups?.['name'] === 'import' && !isMethodHead(code, match.index, open)) add(match.index, undefined)
  }
  return sites.sort((a, b) => a.line - b.line)
}

/** `import(x) {` and `import(x): T` declare a method of that name; `c ? import(x) : y` does not. */
function isMethodHead(code: string, start: number, open: number): boolean {
  let depth = 1
  let at = open
  for (; at < code.length && depth > 0; at++) depth += code[at] === '(' ? 1 : code[at] === ')' ? -1 : 0
  return /^\s*[{:]/.test(code.slice(at)) && !/\?\s*(?:await\s*)?$/.test(code.slice(0, start))
}

function endOfString(source: string, start: number): number | undefined {
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === '\\') at++
    else if (source[at] === source[start]) return at
    else if (source[at] === '\n') return undefined
  }
  return undefined
}

function endOfRegExp(source: string, start: number): number | undefined {
  let inClass = false
  for (let at = start + 1; at < source.length; at++) {
    const char = source[at]
    if (char === '\\') at++
    else if (char === '\n') return undefined
    else if (char === '[') inClass = true
    else if (char === ']') inClass = false
    else if (char === '/' && !inClass) return at
  }
  return undefined
}

/** Decides from what stands before the slash; `out` has comments blanked already up to there. */
function opensRegExp(out: readonly string[], slash: number): boolean {
  let at = slash - 1
  while (at >= 0 && /\s/.test(out[at] as string)) at--
  if (at < 0) return true
  const before = out[at] as string
  if (/[)\]}"'`]/.test(before)) return false
  if (!/[\w$]/.test(before)) return !((before === '+' || before === '-') && out[at - 1] === before)
  const end = at
  while (at >= 0 && /[\w$]/.test(out[at] as string)) at--
  return out[at] !== '.' && wordsBeforeRegExp.has(out.slice(at + 1, end + 1).join(''))
}
