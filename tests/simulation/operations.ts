/**
 * What devices and people do in a simulated world, each with the states in which it is possible and how often it happens. Whatever
 * changes an item is told to the model; all else is only done.
 * Long because it is one table, an operation a row.
 */
import { isNokkelError, utf8, type CborValue, type ItemId } from '@nokkel/base'
import { editItem, removalOf, type Item, type ItemDraft } from '@nokkel/keychain'
import type { DeviceState } from '@nokkel/client'
import { keysHeldBy, spyOn } from './invariants.ts'
import { lieNames, lies } from './lies.ts'
import { textOf } from './model.ts'
import type { Member, World } from './world.ts'

type When = DeviceState | 'signed-out'

interface Operation {
  readonly weight: number
  readonly when: readonly When[]
  readonly run: (world: World, member: Member) => Promise<void>
}

const here: readonly When[] = ['trusted']
const anywhere: readonly When[] = ['trusted', 'removed', 'off', 'signed-in', 'signed-out']
/** fields whose values the model follows: texts, each value used once */
const textFields: Readonly<Record<string, readonly string[]>> = {
  password: ['title', 'username', 'password', 'notes', 'custom:a', 'custom:b'],
  note: ['title', 'notes'],
  wifi: ['title', 'ssid', 'password', 'notes'],
  card: ['title', 'cardholder', 'number'],
}
/** what a lie may end in, besides an alarm: a refusal, a repetition without end, or the lie's own words */
const lieAnswers = new Set(['offline', 'trust', 'usage', 'conflict', 'local', 'refused'])
const otherFields: Readonly<Record<string, CborValue>> = { favorite: true, 'site:https://example.org': true, 'tag:home': true }

function draftOf(world: World): { draft: ItemDraft; values: Map<string, string> } {
  const kind = world.random.pick(['password', 'password', 'password', 'note', 'wifi', 'card'] as const)
  const names = (textFields[kind] as readonly string[]).filter(() => world.random.chance(0.7))
  const values = new Map([...new Set(['title', ...names])].map((name) => [name, world.value()]))
  return { draft: { kind, fields: new Map([...values].map(([name, value]) => [name, asField(name, value)])) }, values }
}

function asField(name: string, value: string): CborValue {
  return name.startsWith('custom:') ? [value, true] : value
}

async function pickItem(world: World, member: Member): Promise<ItemId | undefined> {
  const ids = await world.itemsOf(member)
  if (ids.length === 0) return undefined
  // half of the time one of the few that everybody edits
  return world.random.chance(0.5) ? [...ids].sort()[world.random.below(Math.min(3, ids.length))] : world.random.pick(ids)
}

/** Does it, and takes it back from the model when it failed and the disk does not have it. */
async function tracked(
  world: World,
  member: Member,
  item: ItemId,
  change: number,
  action: () => Promise<unknown>,
  wasDone: (item: Item) => boolean,
): Promise<void> {
  try {
    await action()
  } catch (error) {
    member.device.disk.faults = undefined
    const found = await member.device.itemOf(item)
    if (found === undefined || !wasDone(found)) world.model.undo(member.name, change)
    throw error
  }
}

function holds(item: Item, field: string, value: string): boolean {
  return (
    textOf(item.fields.get(field)?.value) === value || item.history.some((entry) => entry.field === field && textOf(entry.value) === value)
  )
}

async function edit(
  world: World,
  member: Member,
  fields: (kind: string) => readonly string[] = (kind) => textFields[kind] ?? [],
): Promise<void> {
  const id = await pickItem(world, member)
  if (id === undefined) return
  const { client } = member.device
  const view = await client.item(id)
  const names = fields(view.kind)
  if (names.length === 0) return
  const field = world.random.pick(names)
  const over = textOf(view.fields.find(({ name }) => name === field)?.value)
  const value = world.random.chance(0.05) && over !== null ? null : world.value()
  const change = world.model.saving(member.name, { item: id, field, value, over, atMs: world.trueMs })
  const set = new Map([[field, value === null ? null : asField(field, value)]])
  await tracked(
    world,
    member,
    id,
    change,
    () => client.editItem(id, { set }),
    (item) => (value === null ? item.fields.get(field)?.value === null : holds(item, field, value)),
  )
}

async function mark(world: World, member: Member, kind: 'delete' | 'restore' | 'purge', deleted: boolean): Promise<void> {
  const { client } = member.device
  const [target] = (await client.items(deleted ? { deleted: true } : {})).toSorted(() => (world.random.chance(0.5) ? 1 : -1))
  if (target === undefined) return
  const before = await member.device.itemOf(target.id)
  const change = world.model.marking(member.name, kind, target.id, world.trueMs)
  const action = {
    delete: () => client.deleteItem(target.id),
    restore: () => client.restoreItem(target.id),
    purge: () => client.purgeItem(target.id),
  }[kind]
  const own = member.device.id?.slice(0, 16)
  await tracked(world, member, target.id, change, action, (item) => {
    const stamp = kind === 'purge' ? item.purge : item.removal?.hlc
    const old = kind === 'purge' ? before?.purge : before?.removal?.hlc
    return stamp !== null && stamp !== undefined && stamp.dev === own && JSON.stringify(stamp) !== JSON.stringify(old)
  })
}

/** New items are found by their titles when the call that made them failed. */
async function adding(
  world: World,
  member: Member,
  batches: readonly ReadonlyMap<string, string>[],
  action: () => Promise<ItemId | undefined>,
): Promise<void> {
  let made: ItemId | undefined
  try {
    made = await action()
  } finally {
    member.device.disk.faults = undefined
    const byTitle = new Map(batches.map((values) => [values.get('title'), values]))
    const { index } = await member.device.look()
    for (const { id, summary } of index.values()) {
      const values = batches.length === 1 && id === made ? batches[0] : byTitle.get(summary?.title)
      if (values !== undefined) world.model.added(member.name, id, values, world.trueMs)
    }
  }
}

/** What another process of this device, or a newer version of the program, writes: straight into the store. */
async function writeBeside(member: Member, id: ItemId, change: (item: Item, stamp: () => Item['created']) => Item): Promise<void> {
  const keychain = await member.device.look()
  await keychain.update(async (staged) => {
    const stored = await keychain.readItem(id)
    if (stored !== undefined) staged.putLocal(id, change(stored.item, staged.stamp), stored)
  })
}

function others(world: World, member: Member): Member[] {
  return world.members.filter((other) => other !== member && !other.cloned)
}

async function trusted(members: readonly Member[]): Promise<Member[]> {
  const states = await Promise.all(members.map(async ({ device }) => device.running && (await device.client.state()) === 'trusted'))
  return members.filter((_, at) => states[at])
}

/** A trusted device that is a member and has a person at it. */
async function sponsorFor(world: World, member: Member): Promise<Member | undefined> {
  const able = await trusted(others(world, member).filter(({ signedOut, link }) => !signedOut && !link.parted))
  const candidates = able.filter((each) => world.isMember(each))
  return candidates.length === 0 ? undefined : world.random.pick(candidates)
}

export const operations = {
  start: { weight: 0, when: [], run: (world, member) => world.start(member) },

  add: {
    weight: 12,
    when: here,
    async run(world, member) {
      const { draft, values } = draftOf(world)
      await adding(world, member, [values], () => member.device.client.addItem(draft))
    },
  },
  edit: { weight: 34, when: here, run: (world, member) => edit(world, member) },
  editSwitch: {
    weight: 3,
    when: here,
    async run(world, member) {
      const id = await pickItem(world, member)
      if (id === undefined) return
      const { client } = member.device
      const field = world.random.pick(Object.keys(otherFields))
      if (!((await client.item(id)).kind in textFields)) return
      const present = (await client.item(id)).fields.some(({ name }) => name === field)
      const change = world.model.saving(member.name, { item: id, field, value: null, over: null, atMs: world.trueMs })
      await tracked(
        world,
        member,
        id,
        change,
        () => client.editItem(id, { set: new Map([[field, !present]]) }),
        (item) => (item.fields.get(field)?.value === true) !== present,
      )
    },
  },
  delete: { weight: 6, when: here, run: (world, member) => mark(world, member, 'delete', false) },
  restore: { weight: 4, when: here, run: (world, member) => mark(world, member, 'restore', true) },
  purge: { weight: 2, when: here, run: (world, member) => mark(world, member, 'purge', world.random.chance(0.7)) },
  restoreHistory: {
    weight: 3,
    when: here,
    async run(world, member) {
      const id = await pickItem(world, member)
      if (id === undefined) return
      const { client } = member.device
      const view = await client.item(id)
      if (view.history.length === 0) return
      const entry = world.random.pick(view.history)
      const value = textOf(entry.value)
      if (value === null) return
      const over = textOf(view.fields.find(({ name }) => name === entry.field)?.value)
      const change = world.model.saving(member.name, { item: id, field: entry.field, value, over, atMs: world.trueMs })
      await tracked(
        world,
        member,
        id,
        change,
        () => client.restoreHistory(id, entry.index),
        (item) => textOf(item.fields.get(entry.field)?.value) === value,
      )
    },
  },
  bulkAdd: {
    weight: 1,
    when: here,
    async run(world, member) {
      const rows = world.random.chance(0.1) ? 130 : 5 + world.random.below(10)
      const items = Array.from(
        { length: rows },
        () =>
          new Map([
            ['title', world.value()],
            ['username', world.value()],
            ['password', world.value()],
          ]),
      )
      const csv = [
        'name,url,username,password',
        ...items.map((item) => `${item.get('title')},https://example.org,${item.get('username')},${item.get('password')}`),
      ].join('\n')
      await adding(world, member, items, async () => {
        await member.device.client.importFile({ name: 'import.csv', bytes: utf8(csv) })
        return undefined
      })
    },
  },
  decide: {
    weight: 2,
    when: here,
    async run(world, member) {
      // few sites, so that devices meet over one; that they agree in the end is part of I1
      const site = world.random.pick(['a.example', 'b.example', 'c.example'])
      const list = world.random.pick(['neverSave', 'allowOff'] as const)
      await member.device.client.changeAutofill({
        [list]: { [world.random.chance(0.6) ? 'add' : 'remove']: [site] },
        ...(world.random.chance(0.2) && { switches: { fillCards: world.random.chance(0.5) } }),
      })
    },
  },
  rename: {
    weight: 1,
    when: here,
    async run(world, member) {
      const { id } = member.device
      if (id !== null) await member.device.client.renameDevice(id, world.value())
    },
  },

  sync: {
    weight: 26,
    when: here,
    async run(world, member) {
      const report = await member.device.client.sync()
      world.counts.outcome('merges', report.merged)
      world.counts.outcome('pulled', report.pulled)
    },
  },
  lie: {
    weight: 3,
    when: here,
    async run(world, member) {
      const name = world.random.pick(lieNames)
      world.counts.fault(`lie: ${name}`)
      const { device } = member
      const { disguise } = device
      device.disguise = (api) => lies[name](world.random)(disguise(api))
      device.stop()
      try {
        const client = await device.start()
        await client.sync()
      } catch (error) {
        if (!isNokkelError(error)) throw error
        if (error.group === 'alarm') world.counts.outcome('lies named')
        else if (!lieAnswers.has(error.group)) throw error
      } finally {
        device.disguise = disguise
        device.disk.faults = undefined
        device.stop()
        await device.start()
        await forgive(member)
      }
    },
  },
  twoAtOnce: {
    weight: 3,
    when: here,
    async run(world, member) {
      // in one process: a round in the background while somebody types
      const results = await Promise.allSettled([
        member.device.client.sync(),
        edit(world, member, (kind) => (kind === 'password' ? ['password', 'username'] : [])),
      ])
      for (const result of results) if (result.status === 'rejected' && !isNokkelError(result.reason)) throw result.reason
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  },
  twoProcesses: {
    weight: 3,
    when: here,
    async run(world, member) {
      const id = await pickItem(world, member)
      if (id === undefined) return
      const view = await member.device.client.item(id)
      if (!(view.kind in textFields)) return
      const value = world.value()
      const over = textOf(view.fields.find(({ name }) => name === 'title')?.value)
      const syncing = member.device.client.sync()
      const change = world.model.saving(member.name, { item: id, field: 'title', value, over, atMs: world.trueMs })
      const writing = tracked(
        world,
        member,
        id,
        change,
        () =>
          writeBeside(member, id, (item, stamp) =>
            removalOf(item) === 'purged' ? item : editItem(item, new Map([['title', value]]), stamp),
          ),
        (item) => holds(item, 'title', value),
      )
      const results = await Promise.allSettled([syncing, writing])
      const written = await member.device.itemOf(id)
      if (written !== undefined && removalOf(written) === 'purged') world.model.undo(member.name, change)
      for (const result of results) if (result.status === 'rejected') throw result.reason
    },
  },
  newerClient: {
    weight: 3,
    when: here,
    async run(world, member) {
      const id = await pickItem(world, member)
      const keychain = await member.device.look()
      const value = world.value()
      if (id === undefined || world.random.chance(0.4)) {
        const made = Buffer.from(world.random.bytes(16)).toString('hex') as ItemId
        await keychain.update((staged) => {
          const now = staged.stamp()
          staged.putLocal(
            made,
            {
              schema: 2,
              kind: 'vehicle',
              created: now,
              fields: new Map([['plate', { value, hlc: now }]]),
              removal: null,
              purge: null,
              history: [],
              extra: [[value, 7], null],
            },
            undefined,
          )
        })
        world.model.added(member.name, made, new Map([['plate', value]]), world.trueMs)
        return
      }
      const item = await member.device.itemOf(id)
      if (item === undefined || removalOf(item) === 'purged') return
      const over = textOf(item.fields.get('gen2')?.value)
      const change = world.model.saving(member.name, { item: id, field: 'gen2', value, over, atMs: world.trueMs })
      const write = () =>
        writeBeside(member, id, (old, stamp) => ({
          ...old,
          schema: 2,
          fields: new Map([...old.fields, ['gen2', { value, hlc: stamp() }]]),
        }))
      await tracked(world, member, id, change, write, (old) => holds(old, 'gen2', value))
    },
  },

  part: { weight: 4, when: anywhere, run: async (world, member) => toggle(world, member) },
  crash: {
    weight: 2,
    when: anywhere,
    async run(world, member) {
      world.counts.outcome('crashes')
      member.device.stop()
      if (world.random.chance(0.5)) await world.start(member)
    },
  },
  clockJump: {
    weight: 1,
    when: anywhere,
    async run(world, member) {
      world.counts.fault('clock jump')
      member.device.clock.advance((world.random.chance(0.5) ? 1 : -1) * world.random.pick([60_000, 3_600_000, 86_400_000]))
    },
  },
  serverCrash: {
    weight: 1,
    when: anywhere,
    async run(world) {
      if (world.server.down) world.server.restart()
      else {
        world.counts.fault('server crash')
        world.server.crash()
      }
    },
  },
  serverBackup: {
    weight: 1,
    when: anywhere,
    async run(world) {
      world.backup = { ...world.server.backup(), circleSeq: world.server.account(world.account).circle.seq }
    },
  },
  serverRestore: {
    weight: 1,
    when: anywhere,
    async run(world) {
      // a circle that went on since is a rollback to every member, and rightly so: see lying-server.test.ts
      const entering = await Promise.all(
        world.members.map(async ({ device }) => (await (await device.look()).store.get('state', 'admission')) !== undefined),
      )
      // whoever was vouched a place in the log that is no more has to be let in anew: an alarm, and rightly so
      if (entering.includes(true)) return
      if (world.backup === null || world.backup.circleSeq !== world.server.account(world.account).circle.seq) return
      world.counts.fault('server restored')
      world.server.restore(world.backup)
    },
  },

  remove: {
    weight: 1,
    when: here,
    async run(world, member) {
      const candidates = others(world, member)
      if (candidates.length < 2) return
      const target = world.random.pick(candidates)
      const { id } = target.device
      if (id === null || !world.isMember(target)) return
      const held = await keysHeldBy(target)
      try {
        await member.device.client.removeDevice(id, { deleteCopy: world.random.chance(0.5) })
      } finally {
        spyOn(world, id, held)
      }
    },
  },
  turnOff: {
    weight: 1,
    when: here,
    async run(world, member) {
      if (member.cloned) return
      const { id } = member.device
      const held = await keysHeldBy(member)
      const copy = world.random.pick(['keep', 'delete'] as const)
      try {
        await member.device.client.turnOff({ copy })
        if (copy === 'delete') world.model.forget(member.name)
      } finally {
        if (id !== null) spyOn(world, id, held)
      }
    },
  },
  newDevice: {
    weight: 1,
    when: anywhere,
    async run(world) {
      if (world.members.length >= world.options.devices + 3) return
      const member = world.newMember(world.random.below(5_000))
      await member.device.signIn(world.account)
    },
  },
  signIn: {
    weight: 20,
    when: ['signed-out', 'off', 'removed'],
    async run(world, member) {
      if (member.cloned) return
      try {
        const again = !member.signedOut
        await member.device.signIn(world.account)
        member.signedOut = false
        if (again) world.counts.outcome('joined again')
      } catch (error) {
        if (!isNokkelError(error, 'device-removed')) throw error
        // it was removed while its session was gone: the circle will tell it
        member.signedOut = false
      }
    },
  },
  join: {
    weight: 20,
    when: ['signed-in'],
    async run(world, member) {
      const sponsor = await sponsorFor(world, member)
      if (sponsor === undefined || member.link.parted) return
      if (!world.options.realJoins) {
        if (world.server.down) return
        // nobody is added while a rotation is due, so the sponsor sees to that first
        await sponsor.device.client.sync()
        try {
          await member.device.joinDirectly(sponsor.device)
        } catch (error) {
          // somebody left at this very moment; the product's own way in waits for the rotation, this one tries again later
          if (!isNokkelError(error, 'circle-moved')) throw error
          await member.device.start()
        }
        return
      }
      await member.device.resumeJoin(sponsor.device)
      world.counts.outcome('joined by code')
    },
  },
  clone: {
    weight: 1,
    when: here,
    async run(world, member) {
      if (member.cloned || !world.random.chance(0.1)) return
      world.counts.fault('clone')
      const clone = world.cloneOf(member)
      await clone.device.start()
    },
  },
} as const satisfies Record<string, Operation>

/** The lie was named; after that the person looks the other way, and the next alarm is a new one. */
async function forgive({ device }: Member): Promise<void> {
  const { notices } = await device.client.status()
  await device.client.acknowledge(notices.filter(({ kind }) => kind === 'alarm').map(({ id }) => id))
}

export type OperationName = keyof typeof operations

async function toggle(world: World, member: Member): Promise<void> {
  member.link.parted = !member.link.parted
  if (member.link.parted) world.counts.fault('parted')
}
