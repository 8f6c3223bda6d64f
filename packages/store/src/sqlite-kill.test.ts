/**
 * A process that commits without end is killed (SIGKILL) at random moments, also while it creates or opens the store; afterwards
 * every acknowledged commit is there and none in part. This proves atomicity against the death of a process; the death of the
 * machine is approached in `sqlite-damage.test.ts`, where the log is cut at any byte. NOKKEL_KILLS sets the number of kills.
 */
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SeededRandom } from '@nokkel/base/testing'
import { expect, test } from 'vitest'
import { readAll, stateAfter } from './testing/commit-loop.ts'
import { openSqliteStore } from './sqlite.ts'

const kills = Number(process.env['NOKKEL_KILLS'] ?? 40)
const killsOnOneStore = 8

interface Moment {
  /** Wait for this many acknowledged commits, then for `delayMs` more. */
  readonly commits: number
  readonly delayMs: number
}

/** The last acknowledged generation, 0 when there was none. */
function runAndKill(path: string, moment: Moment): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testing/commit-loop.ts'), path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let complaint = ''
    let armed = false
    const arm = () => {
      if (armed || out.split('\n').length - 1 < moment.commits) return
      armed = true
      setTimeout(() => child.kill('SIGKILL'), moment.delayMs)
    }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      arm()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
    child.on('error', reject)
    child.on('close', (_, signal) => {
      const acknowledged = out.split('\n').slice(0, -1).map(Number)
      if (signal !== 'SIGKILL') reject(new Error(`ended by itself: ${complaint}`))
      else resolve(acknowledged.at(-1) ?? 0)
    })
    arm()
  })
}

test(`${kills} kills: every acknowledged commit is there, none in part`, { timeout: 60_000 + kills * 5_000 }, async () => {
  const random = new SeededRandom(Date.now())
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-kill-'))
  let acknowledgedInAll = 0
  let cutShort = 0
  try {
    let path = ''
    let known = 0
    for (let kill = 0; kill < kills; kill++) {
      if (kill % killsOnOneStore === 0) {
        path = join(folder, `store ${kill}.db`)
        known = 0
      }
      // one in four dies before its first commit, counted from the start of the process
      const moment = random.chance(0.25)
        ? { commits: 0, delayMs: random.below(120) }
        : { commits: 1 + random.below(40), delayMs: random.below(6) }
      const acknowledged = await runAndKill(path, moment)
      if (acknowledged > 0) acknowledgedInAll += acknowledged - known
      const expected = Math.max(known, acknowledged)
      if (!existsSync(path)) {
        expect(expected).toBe(0)
        continue
      }
      // every second time a copy is looked at, so that the next process finds the log as the killed one left it
      const lookedAt = kill % 2 === 0 ? path : join(folder, `copy ${kill}.db`)
      if (lookedAt !== path)
        for (const suffix of ['', '-wal']) if (existsSync(path + suffix)) copyFileSync(path + suffix, lookedAt + suffix)
      const store = await openSqliteStore(lookedAt, { check: true })
      const generation = await store.generation()
      // the commit that the kill met may have been made without being acknowledged
      expect([expected, expected + 1]).toContain(generation)
      expect(await readAll(store)).toEqual(stateAfter(generation))
      await store.close()
      if (generation > expected) cutShort++
      known = generation
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  console.log(`${kills} kills, ${acknowledgedInAll} acknowledged commits, ${cutShort} made but not acknowledged`)
  expect(acknowledgedInAll).toBeGreaterThan(kills)
})
