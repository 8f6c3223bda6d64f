/**
 * One look at every service, through the same client and the same protocol as everybody's (A1). Three devices of a synthetic account: two
 * members, of which one changes an item and the other must see it, and a newcomer that signs in and asks. Every half hour, and as long as
 * something of it fails, the newcomer is really let in by a code, and others come back really, by a recovery key and by a member's passcode, and are
 * removed again.
 *
 * It measures and never mends: what is wrong with the account itself is put right by a new account at the next run.
 */
import { fromBase64url, isNokkelError, NokkelError, parseId, Secret, toBase64url, type DeviceId, type ItemId } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { deviceHome, forgetAccount, forgetDevice, newAccount, readAccount, writeAccount, type ProbeAccount } from './account-file.ts'

export type ServiceName = 'sign-in' | 'sync' | 'approval' | 'recovery' | 'notifications'
export interface Finding {
  readonly outcome: 'ok' | 'slow' | 'failed'
  readonly ms: number
  readonly code?: string
}
export type Findings = Partial<Record<ServiceName, Finding>>

export interface ProbeOptions {
  readonly server: string
  readonly home: string
  readonly token: string
  readonly longEveryMs: number
  readonly nowMs: () => number
}

const slowMs = 10_000
const hintPatienceMs = 5_000
const longTries = 5
/** a circle holds 10,000 entries for ever (LIM-2), and the log grows with every look: long before, the keychain begins anew (D4) */
const entriesMost = 2_000
const positionMost = 20_000

/** Any of these means that the account is not what we think, and not that a service is down for everybody. */
const ownFault = [
  'recovery-burned',
  'recovery-unknown',
  'sign-in-failed',
  'other-account-copy',
  'keychain-ended',
  'keychain-off',
  'device-removed',
  'region-unavailable',
] as const

export async function probe(options: ProbeOptions): Promise<Findings> {
  const findings: Findings = {}
  const info = await askServer(options.server)
  const run = new Run(options, info)
  try {
    await run.measure(findings)
  } catch (error) {
    // what was not reached is unknown; the step that failed has said so itself
    if (!isNokkelError(error)) throw error
    if (isNokkelError(error, ...ownFault) || run.countFailure(error) >= failuresOfOneAccount) forgetAccount(options.home)
  } finally {
    await run.close()
  }
  return findings
}

/** A server that is away is nobody's fault; anything else that lasts may be this account's alone. */
const failuresOfOneAccount = 10

interface ServerInfo {
  readonly minimumClient: { readonly cli: string }
  readonly regions: readonly string[] | null
}

async function askServer(server: string): Promise<ServerInfo> {
  try {
    const response = await fetch(`${server}/v1/server`, { redirect: 'error', signal: AbortSignal.timeout(slowMs) })
    if (!response.ok) throw new NokkelError('server-unavailable')
    return (await response.json()) as ServerInfo
  } catch (error) {
    throw isNokkelError(error) ? error : new NokkelError('offline', {}, { cause: error })
  }
}

class Run {
  readonly #options: ProbeOptions
  readonly #info: ServerInfo
  readonly #open = new Map<string, Client>()
  #account: ProbeAccount

  constructor(options: ProbeOptions, info: ServerInfo) {
    this.#options = options
    this.#info = info
    this.#account = readAccount(options.home, options.server) ?? newAccount(options.server)
  }

  async close(): Promise<void> {
    for (const client of this.#open.values()) await client.close()
  }

  async measure(findings: Findings): Promise<void> {
    const isLong = this.#account.eager > 0 || this.#options.nowMs() - this.#account.longMs >= this.#options.longEveryMs
    await timed(findings, 'sign-in', () => this.#signIn('newcomer'))
    await timed(findings, 'sync', () => this.#ensureMembers())
    await this.#change(findings)
    if (isLong) {
      const failed: unknown[] = []
      await timed(findings, 'approval', () => this.#letIn()).catch((error: unknown) => failed.push(error))
      await timed(findings, 'recovery', () => this.#comeBack())
        .then(() => timed(findings, 'recovery', () => this.#comeBackByCode()))
        .catch((error: unknown) => failed.push(error))
      const eager = failed.length > 0 ? longTries : Math.max(0, this.#account.eager - 1)
      this.#remember({ longMs: this.#options.nowMs(), eager })
      if (failed.length > 0) throw failed[0]
    } else {
      await timed(findings, 'approval', () => this.#ask())
    }
    await this.#beginAnewWhenLong()
    if (this.#account.failures > 0) this.#remember({ failures: 0 })
  }

  /** How many runs in a row this account has failed in. */
  countFailure(error: NokkelError): number {
    if (error.group !== 'offline') this.#remember({ failures: this.#account.failures + 1 })
    return this.#account.failures
  }

  #remember(changes: Partial<ProbeAccount>): void {
    this.#account = { ...this.#account, ...changes }
    writeAccount(this.#options.home, this.#account)
  }

  #details(name: string) {
    const { server, email, password, passcode } = this.#account
    return { server, email, password, passcode, deviceName: `Probe ${name}` }
  }

  /** A device of the account, unlocked where it exists. */
  async #device(name: string): Promise<Client> {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const { home, token } = this.#options
    const client = await openNodeClient({
      home: deviceHome(home, name),
      clientVersion: this.#info.minimumClient.cli,
      requestHeaders: { 'nokkel-probe': token },
    })
    this.#open.set(name, client)
    const key = this.#account.unlockKeys[name]
    if (key !== undefined && (await client.state()) === 'locked') await client.unlockWithKey(new Secret(fromBase64url(key)))
    return client
  }

  #keepKey(name: string, client: Client): void {
    const key = client.unlockKey()
    this.#remember({ unlockKeys: { ...this.#account.unlockKeys, [name]: toBase64url(key.reveal()) } })
    key.destroy()
  }

  async #drop(name: string): Promise<void> {
    await this.#open.get(name)?.close()
    this.#open.delete(name)
    forgetDevice(this.#options.home, name)
    const { [name]: _gone, ...unlockKeys } = this.#account.unlockKeys
    this.#remember({ unlockKeys })
  }

  /** The account itself is made by the first sign-in of all. */
  async #signIn(name: string): Promise<void> {
    if (this.#account.unlockKeys['first'] === undefined) {
      const first = await this.#device('first')
      const [region] = this.#info.regions ?? []
      // before the server hears of it: a lost answer is finished by the same call with the same secrets
      this.#remember({})
      await first.createAccount({ ...this.#details('first'), ...(region !== undefined && { region }) })
      this.#keepKey('first', first)
    }
    let client = await this.#device(name)
    await client.signIn(this.#details(name))
    // an earlier run was cut off between letting it in and removing it
    if (name !== 'second' && (await client.state()) === 'trusted') {
      await this.#remove(name)
      client = await this.#device(name)
      await client.signIn(this.#details(name))
    }
    if (this.#account.unlockKeys[name] === undefined) this.#keepKey(name, client)
  }

  async #ensureMembers(): Promise<void> {
    const first = await this.#device('first')
    if (this.#account.item === null) {
      const item = await first.addItem({
        kind: 'note',
        fields: new Map([
          ['title', 'Probe'],
          ['notes', '0'],
        ]),
      })
      this.#remember({ item })
    }
    if ((await (await this.#device('second')).state()) !== 'trusted') {
      await this.#signIn('second')
      await this.#admit('second')
    }
  }

  async #admit(name: string): Promise<void> {
    const [first, client] = [await this.#device('first'), await this.#device(name)]
    const { requestId, code } = await client.requestJoin()
    // both sides at once, as two people would
    await Promise.all([client.waitForJoin({ signal: AbortSignal.timeout(60_000) }), first.approve(requestId, code)])
  }

  /** One changes, the other must hear of it (notifications) and see it (synchronisation). */
  async #change(findings: Findings): Promise<void> {
    const [first, second] = [await this.#device('first'), await this.#device('second')]
    const item = parseId<ItemId>(this.#account.item ?? '')
    const count = this.#account.count + 1
    this.#remember({ count })
    const listening = new AbortController()
    let heard: (isThere: boolean) => void = () => undefined
    let ready = (): void => undefined
    const isReady = new Promise<void>((resolve) => (ready = resolve))
    const hint = new Promise<boolean>((resolve) => (heard = resolve))
    const watching = second
      .watch(
        (change) => {
          if (change.type === 'online') ready()
          if (change.type === 'item') heard(true)
        },
        { signal: listening.signal },
      )
      .catch((error: unknown) => {
        if (!isNokkelError(error)) throw error
      })
    const patience = setTimeout(() => heard(false), hintPatienceMs)
    await Promise.race([isReady, hint])
    const startedMs = performance.now()
    let hintMs: number | null = null
    try {
      await timed(findings, 'sync', async () => {
        await first.editItem(item, { set: new Map([['notes', String(count)]]) })
        if ((await first.sync()).pending > 0) throw new NokkelError('offline')
        if (await hint) hintMs = performance.now() - startedMs
        await second.sync()
        const notes = (await second.item(item)).fields.find(({ name }) => name === 'notes')?.value
        if (notes !== String(count)) throw new NokkelError('record-withheld')
      })
    } finally {
      clearTimeout(patience)
      listening.abort()
      await watching
    }
    findings.notifications =
      hintMs === null
        ? { outcome: 'failed', ms: Math.round(performance.now() - startedMs), code: 'timeout' }
        : { outcome: hintMs > hintPatienceMs / 2 ? 'slow' : 'ok', ms: Math.round(hintMs) }
    // the wait for a hint that did not come is not the log's fault
    const { sync } = findings
    if (sync?.outcome === 'slow' && hintMs === null) findings.sync = { outcome: 'ok', ms: sync.ms }
  }

  /** A request that waits, and that a member sees. It is kept from look to look, because new ones have a pace (JOIN-6). */
  async #ask(): Promise<void> {
    const [first, newcomer] = [await this.#device('first'), await this.#device('newcomer')]
    const isSeen = async (): Promise<boolean> => {
      const { joinRequest } = await newcomer.status()
      const requests = await first.joinRequests()
      return requests.some(({ requestId, state }) => requestId === joinRequest?.requestId && state === 'pending')
    }
    if (await isSeen()) return
    await newcomer.requestJoin()
    if (!(await isSeen())) throw new NokkelError('request-not-found')
  }

  async #letIn(): Promise<void> {
    await this.#admit('newcomer')
    await this.#expectItem('newcomer')
    await this.#remove('newcomer')
  }

  async #comeBack(): Promise<void> {
    const first = await this.#device('first')
    if (this.#account.recoveryKey === null) this.#remember({ recoveryKey: await first.createRecoveryKey({ replace: true }) })
    await this.#signIn('returner')
    const returner = await this.#device('returner')
    await returner.recoverWithKey(this.#account.recoveryKey ?? '')
    await this.#expectItem('returner')
    await this.#remove('returner')
  }

  /** Where there are realms (F2): six digits that a member shows, its passcode at the realms, and out again. The count of guesses begins anew. */
  async #comeBackByCode(): Promise<void> {
    const first = await this.#device('first')
    const { escrow, deviceId } = await first.status()
    if (escrow?.passcode !== 'current') return
    await this.#signIn('forgetful')
    const forgetful = await this.#device('forgetful')
    await forgetful.checkVerification(null, (await first.deviceCode()).code, 'recover')
    const { ways } = await forgetful.waysBack()
    if (!ways.some(({ slot }) => slot === String(deviceId))) throw new NokkelError('recovery-unknown')
    await forgetful.recoverWithCode(String(deviceId), this.#account.passcode)
    await this.#expectItem('forgetful')
    await this.#remove('forgetful')
  }

  async #expectItem(name: string): Promise<void> {
    const client = await this.#device(name)
    await client.item(parseId<ItemId>(this.#account.item ?? ''))
  }

  async #remove(name: string): Promise<void> {
    const first = await this.#device('first')
    const { deviceId } = await (await this.#device(name)).status()
    await first.sync()
    if (deviceId !== null) await first.removeDevice(deviceId as DeviceId, { deleteCopy: true })
    await this.#drop(name)
  }

  async #beginAnewWhenLong(): Promise<void> {
    const first = await this.#device('first')
    const { circle, cursor } = await first.status()
    if ((circle?.seq ?? 0) < entriesMost && cursor < positionMost) return
    await first.resetKeychain({ password: this.#account.password, from: 'nothing' })
    await this.#drop('second')
    await this.#drop('newcomer')
    this.#remember({ item: null, recoveryKey: null })
  }
}

/** A step that fails says so under its service's name, and throws. One that may not be taken now says nothing. */
async function timed(findings: Findings, service: ServiceName, step: () => Promise<void>): Promise<void> {
  const startedMs = performance.now()
  const ms = (): number => Math.round(performance.now() - startedMs)
  try {
    await step()
  } catch (error) {
    // our own pace, and nothing that anybody else would meet
    if (isNokkelError(error, 'rate-limited')) return
    findings[service] = { outcome: 'failed', ms: ms(), code: isNokkelError(error) ? error.code : 'internal' }
    throw error
  }
  findings[service] = { outcome: ms() > slowMs ? 'slow' : 'ok', ms: ms() }
}
