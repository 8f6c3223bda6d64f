/** `nokkel autofill allow`: fill and save on a site that asks not to (E4), or take that back; for all devices. */
import { siteListCommand } from '../items/listed-site.ts'

export const command = siteListCommand('allowOff')
