/** Who is in the circle: asking to be let in, letting in, renaming, removing, and what browsers may do (A5, B3, CIR-23). */
import { NokkelError, parseId, type DeviceId, type ItemId, type RequestId } from '@nokkel/base'
import type { RecoverySlot } from '@nokkel/protocol'
import { awaitAdmission, joinQr, requestJoin, withdrawJoin } from '../admission.ts'
import { approveDevice, type ApprovalProof } from '../approve.ts'
import { ensureMayChangeMembership, ensureMayEnter, readClassPolicy, setClassPolicy } from '../class-policy.ts'
import type { DeviceSession } from '../device-session.ts'
import { destroyOfRemoved } from '../escrow-care.ts'
import type { CallOptions, Client, DeviceInfo, JoinRequestInfo } from '../facade.ts'
import { renewBundles } from '../recovery-bundles.ts'
import { normaliseDeviceName, putDeviceItem } from '../sign-up.ts'

type Devices = Pick<
  Client,
  | 'requestJoin'
  | 'waitForJoin'
  | 'joinQr'
  | 'withdrawJoin'
  | 'joinRequests'
  | 'approve'
  | 'approveByQr'
  | 'decline'
  | 'devices'
  | 'renameDevice'
  | 'removeDevice'
  | 'classPolicy'
  | 'setClassPolicy'
>

export function deviceCalls(session: DeviceSession, { sync }: Pick<Client, 'sync'>): Devices {
  const { platform, nameOf } = session

  async function joinRequests(): Promise<readonly JoinRequestInfo[]> {
    const { requests } = await session.asTrusted((api, of) => api.joinList(of))
    return requests.map((request) => ({
      ...request,
      requestId: parseId<RequestId>(request.requestId),
      deviceId: parseId<DeviceId>(request.deviceId),
    }))
  }

  async function devices(): Promise<readonly DeviceInfo[]> {
    const { circle, identity, heard } = session.keychain
    if (circle === null || identity === null) throw new NokkelError('not-trusted')
    return [...circle.devices.values()].map((device) => ({
      id: device.id,
      name: nameOf(device.id),
      class: device.class,
      status: device.status,
      thisDevice: device.id === identity.keys.id,
      addedMs: device.addedMs,
      addedBy: device.addedBy === null ? null : nameOf(device.addedBy),
      endedMs: device.endedMs,
      endedBy: device.endedBy === null ? null : nameOf(device.endedBy),
      lastWriteMs: heard.get(device.id) ?? null,
      passcodeHeld: circle.recoveries.has(device.id as string as RecoverySlot),
    }))
  }

  type ApproveOptions = CallOptions & { readonly timeoutMs?: number }
  async function approve(requestId: RequestId, proof: ApprovalProof, options: ApproveOptions): Promise<DeviceInfo> {
    const { keychain } = session
    keychain.requireTrusted()
    const request = (await joinRequests()).find((candidate) => candidate.requestId === requestId)
    if (request === undefined) throw new NokkelError('request-not-found')
    ensureMayEnter(keychain, request.class)
    const round = () => session.engine.round({ scope: 'full' })
    const record = await session.reach(() => approveDevice(keychain, session.api, platform, nameOf, requestId, proof, round, options))
    const device = (await devices()).find(({ id }) => id === record.id)
    if (device === undefined) throw new NokkelError('join-failed')
    return { ...device, name: device.name === '' ? request.name : device.name }
  }

  async function remove(gone: readonly DeviceId[], { deleteCopy }: { readonly deleteCopy: boolean }): Promise<void> {
    await session.engine.rotate({ devices: gone, disposition: deleteCopy ? 'delete' : 'keep' })
    await renewBundles(session.keychain, session.api, platform.random)
    await destroyOfRemoved(session.escrowParts)
  }

  return {
    requestJoin: async () => session.reach(() => requestJoin(session.keychain, session.api, platform)),
    async waitForJoin(options = {}) {
      const { keychain } = session
      if (keychain.identity?.mode !== 'trusted') await awaitAdmission(keychain, session.api, platform, options)
      return sync(options)
    },
    joinQr: async () => joinQr(session.keychain, platform),
    withdrawJoin: async () => withdrawJoin(session.keychain, session.api),
    joinRequests,
    approve: (requestId, code, options = {}) => approve(requestId, { code }, options),
    approveByQr: (requestId, text, options = {}) => approve(requestId, { qr: text }, options),
    decline: async (requestId) => void (await session.asTrusted((api, of) => api.joinDecline(of, requestId))),
    devices,

    async renameDevice(device, name) {
      const { keychain } = session
      if (!keychain.requireTrusted().circle.devices.has(device)) throw new NokkelError('not-found')
      const title = normaliseDeviceName(name)
      const id = device as string as ItemId
      await keychain.update(async (staged) => {
        const stored = await keychain.readItem(id)
        if (stored === undefined) return putDeviceItem(staged, device, title)
        const fields = new Map([...stored.item.fields, ['title', { value: title, hlc: staged.stamp() }]])
        staged.putLocal(id, { ...stored.item, fields }, stored)
      })
      await session.pushQuietly()
    },

    async removeDevice(device, options) {
      const { keychain } = session
      const { identity, circle } = keychain.requireTrusted()
      if (device === identity.keys.id) throw new NokkelError('cannot-remove-self')
      if (!circle.isActive(device)) throw new NokkelError('not-found')
      ensureMayChangeMembership(keychain)
      await session.reach(async () => {
        const { engine } = session
        await engine.round({ scope: 'full' })
        ensureMayChangeMembership(keychain)
        await remove([device], options)
        await engine.round({ scope: 'full' })
      })
    },

    classPolicy: async () => readClassPolicy(session.keychain),
    async setClassPolicy(policy, options) {
      const { keychain } = session
      ensureMayChangeMembership(keychain)
      await session.reach(async () => {
        const { engine } = session
        await engine.round({ scope: 'full' })
        await setClassPolicy(keychain, session.api, nameOf, policy, engine, (gone) => remove(gone, options))
        await destroyOfRemoved(session.escrowParts)
        await engine.round({ scope: 'full' })
      })
    },
  }
}
