/** A realm's process for tests that kill it: the product's own, without the waits between guesses and with a clock that runs ahead by as many ms as its argument says. */
import { flushCompileCache } from 'node:module'
import { escrowPolicy } from '@nokkel/escrow/realm'
import { readConfig, startRealmServer } from 'nokkel-server/realm/testing'

const policy = { ...escrowPolicy, waits: [] }
const clock = { nowMs: () => Date.now() + Number(process.argv[2] ?? 0) }
const realm = await startRealmServer(readConfig(process.env, {}), { policy, clock })
process.stdout.write(`${realm.url}\n`)
// whoever is killed writes nothing on its way out
flushCompileCache()
