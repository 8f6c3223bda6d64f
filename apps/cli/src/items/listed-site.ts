/** A site as people type it, and as the lists of what was decided for it name it (SPEC SYN-32). */
import { listName } from '@nokkel/autofill'
import { NokkelError } from '@nokkel/base'

/** Throws `malformed` for what is no address of a site. */
export function listedSite(typed: string): string {
  const site = listName(typed)
  if (site === '') throw new NokkelError('malformed', { what: 'site' })
  return site
}
