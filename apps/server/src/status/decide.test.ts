/** A1: when incidents open and close, what a level is, and what silence means. Pure decisions, no clock and no file. */
import { describe, expect, test } from 'vitest'
import { applyReport, applySilence, levelOf, phaseOf } from './decide.ts'
import { emptyBoard, type Board, type Outcome, type ServiceName, type StatusEvent } from './model.ts'

const minute = 60_000
const start = Date.UTC(2026, 10, 26, 12)

/** Reports one after another, a minute apart. */
function run(from: Board, rounds: readonly Partial<Record<ServiceName, Outcome>>[], fromMs = start): { board: Board; nowMs: number } {
  let board = from
  let nowMs = fromMs
  let ids = 0
  for (const round of rounds) {
    nowMs += minute
    const results = Object.fromEntries(Object.entries(round).map(([name, outcome]) => [name, { outcome, ms: 5, code: 'offline' }]))
    board = applyReport(board, { results }, nowMs, () => `${nowMs}-${ids++}`.padStart(16, '0').slice(-16))
  }
  return { board, nowMs }
}
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)
const failed = { sync: 'failed' } as const
const ok = { sync: 'ok' } as const

function planned(more: Partial<StatusEvent>): StatusEvent {
  return {
    id: '0123456789abcdef',
    kind: 'maintenance',
    origin: 'operator',
    services: ['sync'],
    level: 'maintenance',
    title: { en: 'New disks', nb: null },
    startMs: start + minute,
    endMs: start + 10 * minute,
    resolvedMs: null,
    codes: [],
    updates: [{ timeMs: start, state: 'scheduled', text: null }],
    ...more,
  }
}

describe('A1: an incident opens after 3 failures in a row and closes after 5 successes in a row', () => {
  test('two failures open nothing, and a success between starts the count again', () => {
    const { board, nowMs } = run(emptyBoard, [failed, failed, ok, failed, failed])
    expect(board.events).toEqual([])
    expect(levelOf(board, 'sync', nowMs)).toBe('available')
  })

  test('the third opens it: an outage, in words of its own, with the code for operators', () => {
    const { board, nowMs } = run(emptyBoard, times(3, failed))
    expect(board.events).toMatchObject([
      { origin: 'probe', services: ['sync'], level: 'outage', resolvedMs: null, codes: ['offline'], updates: [{ state: 'investigating' }] },
    ])
    expect(levelOf(board, 'sync', nowMs)).toBe('outage')
    expect(levelOf(board, 'sign-in', nowMs)).toBe('available')
  })

  test('while it recovers it is an issue; the fifth success resolves it; a failure on the way starts the count again', () => {
    const broken = run(emptyBoard, times(4, failed)).board
    const { board, nowMs } = run(broken, times(4, ok))
    expect(levelOf(board, 'sync', nowMs)).toBe('issue')
    expect(board.events[0]?.updates.map(({ state }) => state)).toEqual(['investigating', 'monitoring'])
    const relapsed = run(board, [failed, ...times(4, ok)], nowMs)
    expect(levelOf(relapsed.board, 'sync', relapsed.nowMs)).toBe('issue')
    const over = run(relapsed.board, [ok], relapsed.nowMs)
    expect(levelOf(over.board, 'sync', over.nowMs)).toBe('available')
    expect(over.board.events).toMatchObject([{ resolvedMs: over.nowMs }])
    expect(over.board.events).toHaveLength(1)
  })

  test('what breaks in the same minute is one incident, over when each of its services is', () => {
    const both = run(emptyBoard, times(3, { sync: 'failed', 'sign-in': 'failed' } as const))
    expect(both.board.events).toMatchObject([{ services: ['sign-in', 'sync'] }])
    const half = run(both.board, times(5, { sync: 'failed', 'sign-in': 'ok' } as const), both.nowMs)
    expect(half.board.events).toMatchObject([{ resolvedMs: null }])
    expect(levelOf(half.board, 'sign-in', half.nowMs)).toBe('available')
    const over = run(half.board, times(5, ok), half.nowMs)
    expect(over.board.events).toMatchObject([{ resolvedMs: over.nowMs }])
  })

  test('slow counts like failed, and is an issue', () => {
    const { board, nowMs } = run(emptyBoard, times(3, { sync: 'slow' } as const))
    expect(board.events).toMatchObject([{ level: 'issue' }])
    expect(levelOf(board, 'sync', nowMs)).toBe('issue')
  })

  test('an outage that flickers does not write itself full', () => {
    const broken = run(emptyBoard, times(3, failed))
    const { board } = run(
      broken.board,
      times(400, 0).map((_, i) => (i % 2 === 0 ? ok : failed)),
      broken.nowMs,
    )
    expect(board.events).toHaveLength(1)
    expect(board.events[0]?.updates.length).toBeLessThanOrEqual(100)
  })
})

describe('A1: planned, ongoing, resolved', () => {
  test('a maintenance begins and ends by its times, and beats what is measured meanwhile', () => {
    const event = planned({})
    expect([0, 1, 5, 10].map((n) => phaseOf(event, start + n * minute))).toEqual(['planned', 'ongoing', 'ongoing', 'resolved'])
    const before = run({ ...emptyBoard, events: [event] }, times(6, failed))
    expect(levelOf(before.board, 'sync', before.nowMs)).toBe('maintenance')
    expect(before.board.events).toHaveLength(1)
    // what fails after its end is counted from the beginning
    const after = run(before.board, times(2, failed), start + 10 * minute)
    expect(levelOf(after.board, 'sync', after.nowMs)).toBe('available')
    const third = run(after.board, [failed], after.nowMs)
    expect(levelOf(third.board, 'sync', third.nowMs)).toBe('outage')
  })

  test('what an operator says worsens a service, and good measurements do not take it back', () => {
    const said = planned({ kind: 'incident', level: 'issue', startMs: start, endMs: null })
    const { board, nowMs } = run({ ...emptyBoard, events: [said] }, times(9, ok))
    expect(levelOf(board, 'sync', nowMs)).toBe('issue')
    expect(board.events).toMatchObject([{ resolvedMs: null }])
  })
})

describe('A1: the prober falls silent', () => {
  const silence = (board: Board, nowMs: number, sinceMs = start) => applySilence(board, nowMs, sinceMs, 3 * minute, () => 'f'.repeat(16))

  test('what is not measured is not called available; the next report ends it', () => {
    const { board, nowMs } = run(emptyBoard, [{ sync: 'ok', 'sign-in': 'ok' }])
    expect(silence(board, nowMs + 2 * minute)).toBe(board)
    const silent = silence(board, nowMs + 3 * minute)
    expect(silent.events).toMatchObject([{ origin: 'silence', services: ['sign-in', 'sync'] }])
    expect(levelOf(silent, 'sync', nowMs + 3 * minute)).toBe('issue')
    expect(silence(silent, nowMs + 9 * minute)).toBe(silent)
    const back = run(silent, [ok], nowMs + 9 * minute)
    expect(levelOf(back.board, 'sync', back.nowMs)).toBe('available')
    expect(back.board.events).toMatchObject([{ origin: 'silence', resolvedMs: back.nowMs }])
  })

  test('a prober that never spoke is silent too, counted from the start', () => {
    expect(silence(emptyBoard, start + 2 * minute).events).toEqual([])
    const { events } = silence(emptyBoard, start + 3 * minute)
    expect(events[0]?.services).toEqual(['sign-in', 'sync', 'approval', 'recovery', 'notifications'])
  })
})
