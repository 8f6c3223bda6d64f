/**
 * What must hold in a simulated world: after every step for the devices that acted, and at quiet points for all of them. Each check
 * names the invariant of the design that it stands for.
 */
import { isNokkelError, toHex, utf8, type DeviceId, type ItemId } from '@nokkel/base'
import { encodeItem, type Item } from '@nokkel/keychain'
import {
  decodeRecord,
  openRecord,
  openShare,
  openVaultKeys,
  recordKeyOf,
  type AccountKey,
  type Circle,
  type DeviceKeys,
  type VaultKey,
} from '@nokkel/protocol'
import type { LocalKeychain } from '@nokkel/sync'
import { canary, SimulationFailure } from './failure.ts'
import type { Member, World } from './world.ts'

/** All keys that a device held when it was put out, and from when on they must be of no use. */
export interface Spy {
  readonly name: string
  readonly keys: DeviceKeys
  readonly accountKeys: ReadonlyMap<number, AccountKey>
  readonly vaultKeys: readonly VaultKey[]
  fromSeq: number
  generation: number
}

function fail(what: string): never {
  throw new SimulationFailure(what)
}

export async function keysHeldBy(member: Member): Promise<Spy> {
  const keychain = await member.device.look()
  if (keychain.identity === null) fail(`${member.name} has no identity`)
  return {
    name: member.name,
    keys: keychain.identity.keys,
    accountKeys: new Map(keychain.accountKeys),
    vaultKeys: [...keychain.vaultKeys.values()],
    fromSeq: 0,
    generation: 0,
  }
}

/** From now on `held` is what an outsider has, if the circle says that its device is out. */
export function spyOn(world: World, device: DeviceId, held: Spy): void {
  const { circle } = world.server.account(world.account)
  const ended = circle.devices.get(device)
  if (ended === undefined || ended.status === 'active' || world.spies.some(({ keys }) => keys.id === device)) return
  // what was written up to here it had the keys for; the next word needs a rotation that it has no part in
  held.fromSeq = world.server.log(world.account).batches.length
  held.generation = ended.status === 'left' ? circle.accountKey.generation : circle.accountKey.generation - 1
  world.spies.push(held)
  world.counts.outcome(ended.status)
}

/** I3: what a device holds of the circle is a prefix of the one circle. Nobody cries wolf at an honest server. */
export async function checkMember(world: World, member: Member): Promise<void> {
  if (!member.device.running) return
  const status = await member.device.client.status()
  const { circle } = world.server.account(world.account)
  if (status.circle !== null && status.circle.headHex !== toHex(circle.hashAt(status.circle.seq) ?? new Uint8Array(0)))
    fail(`I3: ${member.name} stands on another circle`)
  for (const notice of status.notices) {
    if (notice.kind !== 'alarm') continue
    if (member.cloned && notice.params.code === 'batch-equivocation') {
      world.counts.outcome('clones named')
      continue
    }
    fail(`alarm on ${member.name} with an honest server: ${JSON.stringify(notice.params)}`)
  }
  if (status.quarantined > 0) fail(`${member.name} cannot read ${status.quarantined} items`)
  if (status.removal?.disposition === 'delete') world.model.forget(member.name)
}

interface View {
  readonly member: Member
  readonly keychain: LocalKeychain
  readonly items: Map<ItemId, Item>
  /** everything that must be equal on all devices, as text */
  readonly text: string
}

async function viewOf(member: Member): Promise<View> {
  const keychain = await member.device.look()
  const items = new Map<ItemId, Item>()
  const lines: string[] = [`${keychain.log?.seq} ${toHex(keychain.log?.hash ?? new Uint8Array(0))} root ${toHex(keychain.root.root())}`]
  for (const id of [...keychain.index.keys()].sort()) {
    const entry = keychain.index.get(id)
    const stored = await keychain.readItem(id)
    if (stored !== undefined) items.set(id, stored.item)
    lines.push(
      `${id} ${entry?.state} dirty=${entry?.dirty} unconfirmed=${entry?.unconfirmed} ${toHex(entry?.recordHash ?? new Uint8Array(0))} ${stored === undefined ? '-' : toHex(encodeItem(stored.item))}`,
    )
  }
  return { member, keychain, items, text: lines.join('\n') }
}

const roundsMost = 3

/** I1, I2, I8, I10. Returns how many rounds it took. */
export async function checkConvergence(world: World): Promise<number> {
  for (let round = 1; ; round++) {
    for (const member of world.members) {
      if ((await member.device.client.state()) === 'trusted') await world.perform(member, 'sync')
      if (member.signedOut) await world.perform(member, 'signIn')
      await checkMember(world, member)
    }
    const active: Member[] = []
    for (const member of world.members) {
      const state = await member.device.client.state()
      const isMember = world.isMember(member)
      if (isMember && state === 'trusted') active.push(member)
      else if (isMember !== (state === 'trusted')) fail(`${member.name} is ${state} and ${isMember ? '' : 'not '}in the circle`)
    }
    const views = await Promise.all(active.map(viewOf))
    const settled = views.every(
      ({ text, keychain }) => text === views[0]?.text && keychain.dirty.size === 0 && keychain.circle?.rotationDue === false,
    )
    if (settled) {
      checkViews(world, views)
      return round
    }
    if (round === roundsMost) fail(`I8: no agreement after ${roundsMost} rounds\n${difference(views)}`)
  }
}

function difference(views: readonly View[]): string {
  const lines = views.map(({ text }) => new Set(text.split('\n')))
  return views
    .map(({ member, keychain }, at) => {
      const own = [...(lines[at] as Set<string>)].filter((line) => !lines.every((other) => other.has(line)))
      return `${member.name} (dirty ${keychain.dirty.size}, rotation due ${keychain.circle?.rotationDue}):\n${own.map((line) => `    ${line.slice(0, 400)}`).join('\n')}`
    })
    .join('\n')
}

function checkViews(world: World, views: readonly View[]): void {
  const [first] = views
  if (first === undefined) fail('nobody is left')
  for (const entry of first.keychain.index.values())
    if (entry.state !== 'ok' || entry.unconfirmed || entry.recordHash === null) fail(`item ${entry.id} is ${entry.state}`)
  const problems = world.model.violations(
    first.items,
    views.map(({ member }) => member.name),
    {
      purgedBeforeMs: world.trueMs - 29 * 86_400_000,
      uncertain: ['server restored', 'clone'].some((fault) => world.counts.faults.has(fault)),
    },
  )
  if (problems.length > 0) fail(`I1: ${problems.join('\n')}`)
  for (const [id, item] of first.items) {
    if (item.kind === 'vehicle' && item.purge === null && item.extra.length !== 2)
      fail(`I10: item ${id} lost what this version does not know`)
    world.counts.outcome('conflicts in histories', item.history.filter(({ reason }) => reason === 'conflict').length)
  }
  const { circle } = world.server.account(world.account)
  world.counts.outcome('rotations', circle.accountKey.generation - 1)
}

/** I4: with every key that it ever held, a device that is out opens nothing that was written since. */
export function checkSpies(world: World): void {
  const account = world.server.account(world.account)
  const log = world.server.log(world.account)
  const vault = world.vault()
  for (const spy of world.spies) {
    const recordKeys = spy.vaultKeys.map(recordKeyOf)
    for (const [item, { seq, bytes }] of log.records) {
      if (seq <= spy.fromSeq) continue
      for (const key of recordKeys)
        if (opens(() => openRecord(key, { account: world.account, vault, item }, decodeRecord(bytes))))
          fail(`I4: ${spy.name} opens record ${seq} of ${item}`)
      world.counts.outcome('records tried with old keys')
    }
    checkKeys(
      account.circle,
      spy,
      account.shares.map(({ bytes }) => bytes),
      account.wraps,
    )
  }
}

function checkKeys(circle: Circle, spy: Spy, shares: readonly Uint8Array[], wraps: readonly Uint8Array[]): void {
  for (const share of shares) {
    let key: AccountKey
    try {
      key = openShare(circle, spy.keys, share)
    } catch {
      continue
    }
    if (key.generation > spy.generation) fail(`I4: ${spy.name} opens a share of generation ${key.generation}`)
  }
  const newest = Math.max(...spy.vaultKeys.map(({ epoch }) => epoch))
  const first = circle.vaults
    .values()
    .next()
    .value?.epochs.find((start) => start.epoch > newest)
  for (const key of openVaultKeys(circle, wraps, spy.accountKeys))
    if (first !== undefined && key.epoch > newest && first.frozenSeq >= spy.fromSeq)
      fail(`I4: ${spy.name} opens the key of epoch ${key.epoch}`)
}

function opens(open: () => unknown): boolean {
  try {
    open()
    return true
  } catch (error) {
    if (isNokkelError(error, 'open-failed')) return false
    throw error
  }
}

/** I5: in all that the server has and ever saw, in any common encoding, there is nothing that a person entered. */
export function checkTraffic(world: World): void {
  const needles = [
    Buffer.from(utf8(canary)),
    Buffer.from(toHex(utf8(canary))),
    Buffer.from(canary, 'utf16le'),
    Buffer.from([...canary].toReversed().join('')),
  ]
  for (let shift = 0; shift < 3; shift++)
    needles.push(
      Buffer.from(
        Buffer.from(`${'.'.repeat(shift)}${canary}`)
          .toString('base64')
          .slice(4, 12),
      ),
    )
  let bytes = 0
  for (const chunk of world.server.allBytes()) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length)
    bytes += chunk.length
    for (const needle of needles) if (buffer.includes(needle)) fail(`I5: the server holds plaintext`)
  }
  world.counts.outcome('bytes searched for plaintext', bytes)
}
