/** Web and app addresses as they stand in exports: kept as typed, taken apart only for a title and for lists in one cell. */

/**
 * The name a person would recognise: the host of a web address, the package or bundle name of an app's. Undefined when there is none.
 * Written without `URL`, which would rewrite `blåbær.no` to `xn--…`.
 */
export function siteHost(site: string): string | undefined {
  const rest = site.trim().replace(scheme, '')
  return /^(?:[^/?#]*@)?(\[[0-9a-f:.]+\]|[^/?#:\s]+)/i.exec(rest)?.[1]?.toLowerCase()
}

const scheme = /^[a-z][a-z0-9+.-]*:\/\//i
const hostLike = /^[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?::\d+)?(?:[/?#]\S*)?$/u

/**
 * Several addresses in one cell: one a line, or joined with commas as Bitwarden does without quoting. A comma inside an address is
 * left alone: what follows a separating comma is an address with a scheme, or the whole line is a list of hosts.
 */
export function splitSites(cell: string): string[] {
  const sites: string[] = []
  for (const line of cell.split(/[\r\n]+/)) {
    const parts = line.split(/,(?=\s*[a-z][a-z0-9+.-]*:\/\/)/i)
    for (const part of parts) {
      const hosts = part.split(',').map((host) => host.trim())
      if (hosts.length > 1 && hosts.every((host, i) => hostLike.test(i === 0 ? host.replace(scheme, '') : host))) sites.push(...hosts)
      else sites.push(part.trim())
    }
  }
  return sites.filter((site) => site !== '')
}
