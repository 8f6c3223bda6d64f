/** Realms as operators run them, for end-to-end tests: processes with keys and folders of their own, and a list that enough of them sign. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { serverProgram, type World } from './harness.ts'

export interface RunningRealm {
  readonly url: string
  readonly stop: () => Promise<void>
}

/** One command of an operator, to its end; what it printed. */
export async function operatorSays(world: World, args: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = world.spawn(serverProgram, args, env)
  let text = ''
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()))
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  child.stdin?.end()
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${errors}`)
  return text.trim()
}

const environment = (folder: string): Record<string, string> => ({
  NOKKEL_DATA: join(folder, 'data'),
  NOKKEL_RATE_LIMITS: 'off',
  NOKKEL_LOG_LEVEL: 'warn',
})

async function startRealm(world: World, folder: string, issuer: string): Promise<RunningRealm> {
  const child = world.spawn(serverProgram, ['realm'], { ...environment(folder), NOKKEL_REALM_ISSUERS: issuer, NOKKEL_PORT: '0' })
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      const found = /https?:\/\/\S+/.exec(text)
      if (found !== null) resolve(found[0])
    })
    child.once('close', (code) => reject(new Error(`the realm ended with ${code}: ${errors}`)))
  })
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null) return resolve()
      child.once('close', () => resolve())
      child.kill('SIGKILL')
    })
  return { url, stop }
}

/**
 * `count` realms that take tokens of the sign-in server whose data folder is `data` (which must have been started once), and the file that
 * names them to it, signed by the first `needed` of them.
 */
export async function startRealms(
  world: World,
  data: string,
  { count, threshold, needed }: { readonly count: number; readonly threshold: number; readonly needed: number },
): Promise<{ readonly realms: readonly RunningRealm[]; readonly list: string }> {
  const issuer = await operatorSays(world, ['realm', 'issuer'], { NOKKEL_DATA: data })
  const realms: (RunningRealm & { readonly folder: string })[] = []
  const entries: { readonly signKey: string }[] = []
  for (let n = 0; n < count; n++) {
    const folder = mkdtempSync(join(world.folder, 'realm-'))
    // the port is the operator's to choose, and stands in the list: one that is free now
    await operatorSays(world, ['realm', 'init', '--url', 'http://127.0.0.1:9'], environment(folder))
    const { url, stop } = await startRealm(world, folder, issuer)
    realms.push({ folder, url, stop })
    entries.push(JSON.parse(await operatorSays(world, ['realm', 'public-key', '--url', url], environment(folder))) as { signKey: string })
  }
  const list = join(mkdtempSync(join(world.folder, 'list-')), 'realms.json')
  writeFileSync(list, JSON.stringify({ threshold, needed, realms: entries, signers: entries.map(({ signKey }) => signKey) }))
  for (const { folder } of realms.slice(0, needed)) await operatorSays(world, ['realm', 'list-sign', '--list', list], environment(folder))
  return { realms, list }
}
