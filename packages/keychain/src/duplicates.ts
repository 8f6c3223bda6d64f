/** Items made for the same site and user name (B2): shown for merging, never merged or dropped by themselves. */
import type { Summary } from './summary.ts'
import { foldText } from './search.ts'

/** Scheme, path and a leading "www." do not make two sites different for this purpose; host and port do. */
function hostOf(site: string): string {
  const match = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/]*@)?([^/?#]*)/i.exec(site.trim())
  return foldText(match?.[1] ?? site).replace(/^www\./, '')
}

export function findDuplicates(summaries: Iterable<Summary>): Summary[][] {
  const groups = new Map<string, Summary[]>()
  for (const summary of summaries) {
    if (summary.removal !== 'none' || summary.kind !== 'password') continue
    for (const host of new Set(summary.sites.map(hostOf))) {
      if (host === '') continue
      const name = `${host}\n${foldText(summary.username)}`
      groups.set(name, [...(groups.get(name) ?? []), summary])
    }
  }
  const seen = new Set<string>()
  return [...groups.values()].filter((group) => {
    const name = group.map(({ id }) => id).join()
    if (group.length < 2 || seen.has(name)) return false
    seen.add(name)
    return true
  })
}
