/**
 * kill -9 in the middle of pushes: what was acknowledged is there after the restart, at its position, and the log is unbroken.
 * NOKKEL_TEST_KILLS sets how many; the seed is printed by a failure.
 */
import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { SeededRandom } from '@nokkel/base/testing'
import { recordHash, type Circle, type LogPosition } from '@nokkel/protocol/wire'
import { createPerson, Device, makeFrame, type MadeFrame, type Person } from './testing/test-client.ts'
import { startProcess, type ServerProcess } from './testing/server-process.ts'
import { testFolder } from './testing/test-server.ts'

const kills = Number(process.env['NOKKEL_TEST_KILLS'] ?? 20)
const seed = Number(process.env['NOKKEL_TEST_SEED'] ?? 7)
const writers = 4

interface Writer {
  readonly person: Person
  readonly circle: Circle
  device: Device
  /** batches that the server acknowledged, by position - 1 */
  readonly acknowledged: Uint8Array[]
  end: LogPosition
  /** sent, not acknowledged: sent again after the restart, as a client would */
  pending: MadeFrame | null
}

test(`kill -9 of the server during pushes, ${kills} times: no acknowledged batch is lost`, async () => {
  const random = new SeededRandom(seed)
  const folder = testFolder()
  let server: ServerProcess = await startProcess(folder)
  const all: Writer[] = []
  for (let i = 0; i < writers; i++) {
    const person = await createPerson(server.url)
    const circle = await person.device.circle()
    all.push({ person, circle, device: person.device, acknowledged: [], end: { seq: 0, hash: circle.genesisHash }, pending: null })
  }
  let acknowledged = 0

  async function writeUntilDead(writer: Writer, onAcknowledged: () => void): Promise<void> {
    for (;;) {
      const frame =
        writer.pending ??
        makeFrame(writer.circle, writer.device, writer.person.vault, writer.end, {
          count: 1 + random.below(3),
          payloadBytes: 272 + random.below(4_000),
        })
      writer.pending = frame
      const reply = await writer.device.push(writer.person.vault, frame.frame).catch(() => undefined)
      if (reply === undefined) return
      expect(reply.status, `seed ${seed}: ${JSON.stringify(reply.json)}`).toBe(200)
      writer.acknowledged.push(frame.batch)
      writer.end = frame.end
      writer.pending = null
      onAcknowledged()
    }
  }

  for (let kill = 0; kill < kills; kill++) {
    const after = acknowledged + 1 + random.below(60)
    const { child } = server
    await Promise.all(
      all.map((writer) =>
        writeUntilDead(writer, () => {
          if (++acknowledged === after) child.kill('SIGKILL')
        }),
      ),
    )
    expect(await server.exited).toBe('SIGKILL')
    server = await startProcess(folder)
    for (const writer of all) {
      const device = new Device(server.url, 'cli', writer.person.device.keys)
      device.token = writer.person.device.token
      writer.device = device
      const batches = (await device.changes(writer.person.vault)).flatMap((page) => page.batches)
      const expected = writer.acknowledged
      expect(batches.slice(0, expected.length).map(recordHash), `seed ${seed}`).toEqual(expected.map(recordHash))
      // one more may have been stored whose answer was lost: exactly the one that was on its way
      const extra = batches.slice(expected.length)
      expect(extra, `seed ${seed}`).toEqual(extra.length === 0 ? [] : [writer.pending?.batch])
    }
  }
  for (const writer of all) {
    if (writer.pending !== null) expect((await writer.device.push(writer.person.vault, writer.pending.frame)).status).toBe(200)
  }
  server.child.kill('SIGTERM')
  expect(await server.exited).toBe(0)
  rmSync(folder, { recursive: true, force: true })
  // the test must have tested something
  expect(acknowledged).toBeGreaterThan(kills)
}, 600_000)
