/**
 * The one seam to the client: opens this device's keychain, unlocks it when the work needs that, and closes it whatever happens.
 * The key comes from the agent, from NOKKEL_PASSCODE or from the person, in this order.
 */
import { isNokkelError, NokkelError } from '@nokkel/base'
import type { CallOptions, Client, DeviceState } from '@nokkel/client'
import { openNodeClient, repairNodeStore } from '@nokkel/client/node'
import { keyFromAgent } from './agent/ask-agent.ts'
import { ensureHome, hasKeychain } from './home.ts'
import { fromEnvironment, passcode } from './input/proofs.ts'
import { createProgressBar } from './output/progress-bar.ts'
import { tellNews } from './news.ts'
import type { Context } from './context.ts'

/** Typed passcodes; more would only feed the device's own delays. */
const typedAttempts = 3

/** Opens without unlocking. A damaged file is mended first; see `mend`. */
export async function openClient(context: Context): Promise<Client> {
  const { home, version } = context
  ensureHome(home)
  const open = (): Promise<Client> => openNodeClient({ home, clientVersion: version })
  try {
    return await open()
  } catch (error) {
    if (!isNokkelError(error, 'store-damaged')) throw error
    await mend(context)
    return open()
  }
}

/** Moves the damaged file aside, keeps what is whole in it and says where it lies; the rest comes with the next synchronisation. */
async function mend({ home, messages, out }: Context): Promise<void> {
  const { movedTo } = await repairNodeStore(home)
  out.note(messages.t('repair.moved', { path: movedTo }))
}

type Unlock = (context: Context, client: Client) => Promise<unknown>

/** Opens and unlocks; damage that only shows when the file is read is mended once, and what was lost is fetched at once if it can be. */
export async function openUnlocked(context: Context, unlock: Unlock = unlockClient): Promise<Client> {
  const client = await openClient(context)
  try {
    await unlock(context, client)
    return client
  } catch (error) {
    await client.close()
    if (!isNokkelError(error, 'store-damaged')) throw error
  }
  await mend(context)
  const mended = await openClient(context)
  try {
    await unlock(context, mended)
    if ((await mended.state()) === 'trusted') await mended.sync().catch(ignoreAbsence)
    return mended
  } catch (error) {
    await mended.close()
    throw error
  }
}

function ignoreAbsence(error: unknown): void {
  if (!isNokkelError(error) || error.group !== 'offline') throw error
}

interface WorkOptions {
  /** leave out the line about requests and notices: the command shows them itself */
  readonly quiet?: true
}

/** For everything that needs the keychain open. Throws `not-signed-in` without creating anything where there is none. */
export async function withKeychain<T>(context: Context, work: (client: Client) => Promise<T>, options: WorkOptions = {}): Promise<T> {
  if (!hasKeychain(context.home)) throw new NokkelError('not-signed-in')
  const client = await openUnlocked(context)
  let damaged = false
  try {
    if ((await client.state()) === 'empty') throw new NokkelError('not-signed-in')
    const result = await work(client)
    if (options.quiet !== true && !context.json) await tellNews(context, client)
    return result
  } catch (error) {
    damaged = isNokkelError(error, 'store-damaged')
    throw error
  } finally {
    await client.close()
    // the work is not repeated: what of it was stored is for the person to see
    if (damaged) await mend(context)
  }
}

/** Resolves with the state once unlocked; `empty` where there is nothing to unlock. */
export async function unlockClient(context: Context, client: Client): Promise<DeviceState> {
  if ((await client.state()) !== 'locked') return client.state()
  if (!(await unlockByAgent(context, client))) await unlockByPasscode(context, client)
  return client.state()
}

export async function unlockByAgent({ home }: Context, client: Client): Promise<boolean> {
  const key = await keyFromAgent(home)
  if (key === undefined) return false
  try {
    await client.unlockWithKey(key)
    return true
  } catch (error) {
    // an agent that is left over from another keychain in this folder: ask the person instead
    if (isNokkelError(error, 'locked', 'open-failed')) return false
    throw error
  }
}

export async function unlockByPasscode(context: Context, client: Client): Promise<void> {
  const typed = fromEnvironment(context, 'NOKKEL_PASSCODE') === undefined
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.unlock(await passcode(context))
    } catch (error) {
      if (!typed || attempt === typedAttempts || !isNokkelError(error, 'passcode-wrong')) throw error
      context.out.note(context.messages.errorText(error.code, error.params).message)
    }
  }
}

/** Runs long work with Ctrl-C and a progress bar. */
export async function withProgress<T>({ out, messages, signal }: Context, work: (options: CallOptions) => Promise<T>): Promise<T> {
  const bar = createProgressBar(out, messages)
  try {
    return await work({ signal, onProgress: bar.onProgress })
  } finally {
    bar.end()
  }
}
