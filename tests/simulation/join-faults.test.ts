/**
 * Joining, with a failure at every message and at every write, on either side (A5, A7): afterwards the new device gets in with the same
 * request or a new one, nobody is stuck, and nobody is in who should not be.
 */
import { describe, expect, it } from 'vitest'
import { NokkelError } from '@nokkel/base'
import { SimulatedCrash, type CommitFault } from '@nokkel/store'
import { note, Scene, titles } from './scene.ts'
import { linkFaults, ScriptedLink, type LinkFault } from './scripted-link.ts'
import type { SimDevice } from './sim-device.ts'

type Side = 'new device' | 'trusted device'

/** More than either side makes; what strikes nowhere is counted as nothing. */
const callsMost = 24
const commitsMost = 12
const commitFaults: readonly CommitFault[] = ['crash-before', 'crash-after', 'disk-full']

async function attempt(action: () => Promise<void>): Promise<void> {
  try {
    await action()
  } catch (error) {
    if (!(error instanceof NokkelError) && !(error instanceof SimulatedCrash)) throw error
  }
}

/** One join with one fault, then without: returns what the fault struck, '' for nothing. */
async function joinWith(
  side: Side,
  strike: { readonly link?: ScriptedLink; readonly commit?: { readonly fault: CommitFault; readonly at: number } },
): Promise<string> {
  const scene = new Scene()
  const quiet = () => new ScriptedLink()
  const trusted = await scene.found('trusted', { link: side === 'trusted device' ? (strike.link ?? quiet()) : quiet() })
  await trusted.client.addItem(note('there before'))
  const fresh = scene.device('fresh', { link: side === 'new device' ? (strike.link ?? quiet()) : quiet() })
  await fresh.signIn(scene.account)
  const struck = strike.commit === undefined ? null : armDisk(side === 'new device' ? fresh : trusted, strike.commit)
  await attempt(() => fresh.joinByCode(trusted))
  strike.link?.disarm()
  for (const device of [trusted, fresh]) {
    device.disk.faults = undefined
    device.stop()
    await device.start()
  }
  if ((await fresh.client.state()) === 'signed-in') await fresh.resumeJoin(trusted)
  await fresh.client.sync()
  await trusted.client.sync()
  expect(await titles(fresh)).toEqual(['there before'])
  expect((await trusted.client.devices()).filter(({ status }) => status === 'active')).toHaveLength(2)
  return strike.link?.struck ?? struck?.what ?? ''
}

function armDisk(device: SimDevice, { fault, at }: { readonly fault: CommitFault; readonly at: number }): { what: string } {
  const struck = { what: '' }
  let left = at
  device.disk.faults = {
    atCommit: () => {
      if (left-- !== 0) return undefined
      struck.what = `commit ${at}`
      return fault
    },
  }
  return struck
}

describe('a join interrupted anywhere comes to its end', () => {
  for (const side of ['new device', 'trusted device'] as const) {
    for (const fault of linkFaults) {
      it(`A5: ${fault}, ${side}, at every call`, async () => {
        const struck: string[] = []
        for (let at = firstCall(side); at < callsMost; at++)
          struck.push(await joinWith(side, { link: new ScriptedLink(fault satisfies LinkFault, at) }))
        // the calls that make up a join have all been struck
        for (const call of side === 'new device'
          ? ['joinCreate', 'joinReceive', 'joinSend', 'circle', 'changes']
          : ['joinReceive', 'joinSend', 'appendCircle'])
          expect(struck).toContain(call)
      })
    }
    for (const fault of commitFaults) {
      it(`A5: ${fault}, ${side}, at every write`, async () => {
        const struck: string[] = []
        for (let at = 0; at < commitsMost; at++) struck.push(await joinWith(side, { commit: { fault, at } }))
        expect(struck.filter((what) => what !== '').length).toBeGreaterThan(2)
      })
    }
  }
})

/** The trusted device has synchronised and added an item before the join begins. */
function firstCall(side: Side): number {
  return side === 'new device' ? 0 : 4
}
