/** `nokkel autofill never`: never offer to save on a site (E2), or take that back; for all devices. */
import { siteListCommand } from '../items/listed-site.ts'

export const command = siteListCommand('neverSave')
