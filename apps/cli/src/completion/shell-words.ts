/** Words for shells: quoted so that no text of ours is ever run. */

/** POSIX, bash and zsh: single quotes, in which only the quote itself means something. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

/** fish: in single quotes also the backslash means something. */
export function fishQuoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}

/** Narrows what a shell may offer to a list of words. */
export function shellWords(completes: unknown): readonly string[] {
  return Array.isArray(completes) ? completes.filter((each) => typeof each === 'string') : []
}
