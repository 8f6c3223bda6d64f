/** The commands that are killed and typed again, and how things stand when they have gone through. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { passcode, password } from '../e2e/harness.ts'
import { codeOf, email, letIn, killer, type Name, type Play, type Scene } from './real-play.ts'

export interface Typed {
  readonly title: string
  /** rows of LIF-1's table, as in `transitions.ts` */
  readonly rows: readonly string[]
  readonly scene: Scene
  readonly actor: Name
  readonly args: (play: Play) => readonly string[]
  /** a second device says yes to the code that is shown */
  readonly approver?: Name
  /** what the command may say when it is typed again and had gone through */
  readonly done: readonly string[]
  readonly isAfter: (play: Play) => Promise<void>
}

export const backupFile = (play: Play): string => join(play.folder, 'device.json')
const signedIn = (play: Play, actor: Name) => async () => {
  // told that its session is over, as after every reset whose answer was lost: signing in finishes it
  const client = await play.client(actor)
  if ((await codeOf(client.sync())) === 'session-invalid')
    await client.signIn({ server: killer.url, email, password, passcode, deviceName: actor })
}
const dueMs = async (play: Play): Promise<unknown> =>
  ((await (await play.client('pc')).exportServerData())['account'] as { deletionDueMs: number | null }).deletionDueMs

function off(copy: 'keep' | 'delete'): Typed {
  return {
    title: `D2 off --${copy}`,
    rows: ['turning off'],
    scene: 'two',
    actor: 'pc',
    args: () => ['off', `--${copy}`],
    done: ['keychain-off'],
    async isAfter(play) {
      expect(await play.stands('pc')).toBe(copy === 'keep' ? 'off: Bank,Usendt' : 'off: ')
      const phone = await play.client('phone')
      await phone.sync()
      expect(await play.stands('phone')).toBe('trusted: Bank,Usendt')
      expect((await phone.status()).circle).toMatchObject({ activeDevices: 1, rotationDue: false })
    },
  }
}

export const typed: readonly Typed[] = [
  {
    title: 'A4 account create',
    rows: ['creating an account'],
    scene: 'two',
    actor: 'fresh',
    args: () => ['account', 'create', '--server', killer.url, '--email', 'ny@example.org', '--device-name', 'fresh'],
    done: ['already-signed-in'],
    async isAfter(play) {
      const fresh = await play.client('fresh')
      if ((await fresh.state()) === 'locked') await fresh.unlock(passcode)
      await fresh.sync()
      expect(await play.stands('fresh')).toBe('trusted: ')
      expect((await fresh.status()).circle).toMatchObject({ activeDevices: 1 })
    },
  },
  {
    title: 'D4 reset --local',
    rows: ['erasing this device'],
    scene: 'phoneOff',
    actor: 'phone',
    args: () => ['reset', '--local', '--confirm', email],
    done: ['not-signed-in'],
    async isAfter(play) {
      expect(await (await play.client('phone')).state()).toBe('empty')
      await letIn(play, 'phone', 'pc')
      expect(await play.stands('phone')).toBe('trusted: Bank,Imens,Usendt')
    },
  },
  off('keep'),
  off('delete'),
  {
    title: 'D3 off --everywhere --delete',
    rows: ['turning off'],
    scene: 'two',
    actor: 'pc',
    args: () => ['off', '--everywhere', '--delete', '--confirm', email],
    done: ['keychain-off', 'device-removed', 'keychain-ended'],
    async isAfter(play) {
      expect(await play.stands('pc')).toBe('off: ')
      expect(await codeOf((await play.client('phone')).sync())).toMatch(/^(device-removed|keychain-ended)$/)
      expect(await play.stands('phone')).toBe('removed: ')
    },
  },
  {
    title: 'B3 devices remove',
    rows: [],
    scene: 'two',
    actor: 'pc',
    args: () => ['devices', 'remove', 'phone', '--yes'],
    done: ['not-found'],
    async isAfter(play) {
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect((await pc.status()).circle).toMatchObject({ activeDevices: 1, rotationDue: false })
      expect(await codeOf((await play.client('phone')).sync())).toBe('device-removed')
      expect(await play.stands('phone')).toBe('removed: Bank')
    },
  },
  {
    title: 'D4 reset --from-device',
    rows: ['its own reset'],
    scene: 'two',
    actor: 'pc',
    args: () => ['reset', '--from-device', '--confirm', email],
    done: ['session-invalid', 'not-signed-in', 'keychain-ended'],
    async isAfter(play) {
      await signedIn(play, 'pc')()
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect((await pc.status()).pendingChanges).toBe(0)
      expect(await codeOf((await play.client('phone')).sync())).toBe('keychain-ended')
      expect(await play.stands('phone')).toBe('reset: Bank')
    },
  },
  {
    title: 'D2 on --wait, after off here',
    rows: ['signing in', 'approval'],
    scene: 'phoneOff',
    actor: 'phone',
    args: () => ['on', '--wait'],
    approver: 'pc',
    done: ['already-on'],
    async isAfter(play) {
      const [pc, phone] = [await play.client('pc'), await play.client('phone')]
      await phone.sync()
      await pc.sync()
      expect(await play.stands('phone')).toBe('trusted: Bank,Imens,Usendt')
      expect(await play.stands('pc')).toBe('trusted: Bank,Imens,Usendt')
      expect((await pc.status()).circle).toMatchObject({ activeDevices: 2 })
    },
  },
  {
    title: 'D3 on, after off everywhere',
    rows: ['reset; turning on'],
    scene: 'allOff',
    actor: 'pc',
    args: () => ['on'],
    done: ['already-on'],
    async isAfter(play) {
      await signedIn(play, 'pc')()
      const pc = await play.client('pc')
      await pc.sync()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
      expect(await pc.status()).toMatchObject({ pendingChanges: 0, circle: { activeDevices: 1 } })
    },
  },
  {
    title: 'H2 account delete',
    rows: [],
    scene: 'two',
    actor: 'pc',
    args: () => ['account', 'delete', '--confirm', email],
    done: [],
    async isAfter(play) {
      expect(await dueMs(play)).toEqual(expect.any(Number))
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'H2 account keep',
    rows: [],
    scene: 'dying',
    actor: 'pc',
    args: () => ['account', 'keep'],
    done: [],
    async isAfter(play) {
      expect(await dueMs(play)).toBeNull()
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'D1 backup save',
    rows: [],
    scene: 'two',
    actor: 'pc',
    args: (play) => ['backup', 'save', backupFile(play)],
    // written already, and never over another file
    done: ['io-failed'],
    async isAfter(play) {
      expect(JSON.parse(readFileSync(backupFile(play), 'utf8'))).toMatchObject({ kind: 'nokkel-device-backup', email })
      expect(await play.stands('pc')).toBe('trusted: Bank,Usendt')
    },
  },
  {
    title: 'D1 backup restore',
    rows: [],
    scene: 'two',
    actor: 'fresh',
    args: (play) => ['backup', 'restore', backupFile(play)],
    done: [],
    async isAfter(play) {
      const fresh = await play.client('fresh')
      if ((await fresh.state()) === 'locked') await fresh.unlock(passcode)
      expect(await fresh.state()).toBe('empty')
      expect((await fresh.settings()).autoLockMinutes).toBe(5)
      await letIn(play, 'fresh', 'pc')
      await (await play.client('pc')).sync()
      await fresh.sync()
      expect(await play.stands('fresh')).toBe('trusted: Bank,Usendt')
    },
  },
]
