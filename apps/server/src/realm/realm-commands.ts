/** `nokkel-server realm …`: what the operator of a realm does at the terminal. */
import { toBase64url, NokkelError, systemRandom } from '@nokkel/base'
import type { Config } from '../config.ts'
import { openServerKey } from '../store/data-folder.ts'
import { embeddedPaths, initRealm } from './realm-host.ts'
import { openRealmKey } from './realm-key.ts'
import { signListFile } from './realm-list-file.ts'
import { startRealmServer } from './realm-server.ts'
import { tokenIssuer } from './recovery-setup.ts'

function printEntry(keyFile: string, url: string): void {
  const { id, signer } = openRealmKey(keyFile, systemRandom)
  const entry = { id, url, signKey: toBase64url(signer.publicKey), keyHolder: 'file' }
  process.stdout.write(`${JSON.stringify(entry)}\n`)
}

async function serveRealm(config: Config): Promise<void> {
  const realm = await startRealmServer(config)
  const stop = (): void => {
    realm.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  // last: whoever waits for this line may end the process at once
  process.stdout.write(`Nøkkelring realm: ${realm.url}\n`)
}

/** `action` is the word after `realm`. */
export async function realmCommand(
  action: string,
  config: Config,
  flags: { readonly url?: string | undefined; readonly list?: string | undefined },
): Promise<void> {
  const paths = embeddedPaths(config.data, config.realm.key ?? null, config.realm.counter ?? null)
  switch (action) {
    case 'serve':
      return await serveRealm(config)
    case 'init':
      initRealm(paths, systemRandom)
      return printEntry(paths.key, flags.url ?? '')
    case 'public-key':
      return printEntry(paths.key, flags.url ?? '')
    case 'list-sign':
      if (flags.list === undefined) throw new NokkelError('usage', { reason: '--list is missing' })
      return await signListFile(flags.list, openRealmKey(paths.key, systemRandom).signer)
    case 'issuer': {
      const { decoy } = openServerKey(config.data, false, systemRandom, neverMade)
      return void process.stdout.write(`${toBase64url(tokenIssuer(decoy).publicKey)}\n`)
    }
    default:
      throw new NokkelError('usage', { reason: `unknown: realm ${action}` })
  }
}

/** The key must exist already: nothing is made here. */
function neverMade(): string {
  throw new NokkelError('store-damaged', { what: 'server-key' })
}
