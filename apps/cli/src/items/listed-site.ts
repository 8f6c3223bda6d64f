/** The commands that put one site into a list of what was decided about filling (SPEC SYN-32), or take it out with `--undo`. */
import { listName } from '@nokkel/autofill'
import { NokkelError } from '@nokkel/base'
import { defineCommand } from '../command.ts'
import { withKeychain } from '../connect.ts'
import { printAutofill } from '../output/autofill.ts'

/** A site as people type it, as the lists name it. Throws `malformed` for what is no address of a site. */
function listedSite(typed: string): string {
  const site = listName(typed)
  if (site === '') throw new NokkelError('malformed', { what: 'site' })
  return site
}

export const siteListCommand = (list: 'neverSave' | 'allowOff') =>
  defineCommand({
    positionals: [{ name: 'SITE' }],
    options: { undo: { type: 'boolean', about: 'option.undo' } },
    async run(context, { values, positionals }) {
      const change = { [values.undo ? 'remove' : 'add']: [listedSite(positionals[0] ?? '')] }
      await withKeychain(context, async (client) => printAutofill(context, await client.changeAutofill({ [list]: change })))
    },
  })
