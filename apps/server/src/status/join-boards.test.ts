/** STA-5: boards of several servers become one, whoever meets whom, and in whichever order. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyReport, applySilence } from './decide.ts'
import { isSameBoard, joinBoards, parseBoard } from './join-boards.ts'
import { emptyBoard, services, type Board, type Report } from './model.ts'
import { postEvent, resolveEvent, updateEvent } from './operator-events.ts'

const post = (board: Board, id: string, nowMs: number): Board =>
  postEvent(
    board,
    { services: ['sync'], level: 'issue', title: { en: `Slow ${id}`, nb: null }, text: null, fromMs: null, untilMs: null },
    nowMs,
    id,
  )
const report = (outcome: 'ok' | 'failed'): Report => ({ results: { sync: { outcome, ms: 1 } } })
const ids = ['00000000000000aa', '00000000000000bb', '00000000000000cc']
/** What can happen to a board; what cannot at that moment is left. */
const deed = fc.record({
  what: fc.constantFrom('post', 'update', 'resolve', 'ok', 'failed', 'silence'),
  id: fc.constantFrom(...ids),
  text: fc.constantFrom('one', 'two'),
})
let made = 0
function carryOut(
  board: Board,
  { what, id, text }: { readonly what: string; readonly id: string; readonly text: string },
  nowMs: number,
): Board {
  const newId = (): string => (0x1000 + made++).toString(16).padStart(16, '0')
  try {
    if (what === 'post') return board.events.some((event) => event.id === id) ? board : post(board, id, nowMs)
    if (what === 'update') return updateEvent(board, id, undefined, { en: text, nb: null }, nowMs)
    if (what === 'resolve') return resolveEvent(board, id, null, nowMs)
    if (what === 'silence') return applySilence(board, nowMs, 0, 1, newId)
    return applyReport(board, report(what as 'ok' | 'failed'), nowMs, newId)
  } catch {
    return board
  }
}
const begun = post(post(emptyBoard, ids[0] as string, 1), ids[1] as string, 2)
const board = fc.array(deed, { maxLength: 12 }).map((deeds) => deeds.reduce((before, each, at) => carryOut(before, each, 10 + at), begun))

describe('STA-5 joining boards', () => {
  it('is commutative, associative and idempotent, and survives being written down', () => {
    fc.assert(
      fc.property(board, board, board, (a, b, c) => {
        const ab = joinBoards(a, b)
        expect(ab).toEqual(joinBoards(b, a))
        expect(joinBoards(ab, c)).toEqual(joinBoards(a, joinBoards(b, c)))
        expect(joinBoards(ab, ab)).toEqual(ab)
        expect(isSameBoard(ab, joinBoards(ab, a))).toBe(true)
        expect(JSON.stringify(parseBoard(JSON.stringify(ab)))).toBe(JSON.stringify(ab))
      }),
      { numRuns: 500 },
    )
  })

  it('keeps what two operators said at the same time, and what one of them ended', () => {
    const at = (nowMs: number, en: string) => updateEvent(begun, ids[0] as string, 'identified', { en, nb: null }, nowMs)
    const joined = joinBoards(at(5, 'A full disk.'), resolveEvent(at(6, 'A slow disk.'), ids[0] as string, null, 7))
    const event = joined.events.find(({ id }) => id === ids[0])
    expect(event?.resolvedMs).toBe(7)
    expect(event?.updates.map(({ text }) => text?.en ?? null)).toEqual([null, 'A full disk.', 'A slow disk.', null])
  })

  it('an incident that was ended at one server is over for the one that measures, which opens another if it goes on failing', () => {
    let measuring = begun
    for (let i = 0; i < 3; i++) measuring = applyReport(measuring, report('failed'), 10 + i, () => 'f'.repeat(16))
    const ended = resolveEvent(joinBoards(begun, measuring), 'f'.repeat(16), null, 20)
    const joined = joinBoards(measuring, ended)
    expect(joined.watches.sync).toMatchObject({ incident: null, failures: 0 })
    let going: Board = joined
    for (let i = 0; i < 3; i++) going = applyReport(going, report('failed'), 30 + i, () => 'e'.repeat(16))
    expect(going.events.filter(({ origin, resolvedMs }) => origin === 'probe' && resolvedMs === null).map(({ id }) => id)).toEqual([
      'e'.repeat(16),
    ])
    expect(services).toContain('sync')
  })
})
