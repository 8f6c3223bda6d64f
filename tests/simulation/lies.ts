/**
 * Lies that a server without keys can tell, for worlds in which it tells one now and then. Each takes the honest connection and gives a
 * lying one; none of them may ever lead to a wrong item, and none to a device that cannot go on once it hears the truth. A push that
 * the server says it took and threw away is not here, because after it there is no truth to go back to (see lying-server.test.ts).
 */
import { NokkelError, type Bytes } from '@nokkel/base'
import type { SeededRandom } from '@nokkel/base/testing'
import type { ChangesFrame } from '@nokkel/protocol/wire'
import type { ServerApi } from '@nokkel/sync'
import { lying, lyingLog } from './lying-server.ts'

type Lie = (random: SeededRandom) => (api: ServerApi) => ServerApi

function log(edit: (frame: ChangesFrame, random: SeededRandom) => Partial<ChangesFrame>): Lie {
  return (random) => (api) => lyingLog(api, (frame) => ({ ...frame, ...edit(frame, random) }))
}

function anywhere(list: readonly unknown[], random: SeededRandom): number {
  return random.below(Math.max(1, list.length))
}

function flipped(bytes: Bytes, random: SeededRandom): Bytes {
  const copy = bytes.slice()
  const at = random.below(copy.length)
  copy[at] = (copy[at] as number) ^ (1 << random.below(8))
  return copy
}

const refuse = async (): Promise<never> => {
  throw new NokkelError('device-removed')
}

export const lies = {
  'hides the newest': log((frame, random) => {
    const hidden = 1 + random.below(3)
    return {
      headSeq: Math.max(0, frame.headSeq - hidden),
      batches: frame.batches.slice(0, Math.max(0, frame.batches.length - hidden)),
      records: [],
    }
  }),
  'drops a batch': log((frame, random) => ({ batches: frame.batches.toSpliced(anywhere(frame.batches, random), 1) })),
  'turns the order': log((frame) => ({ batches: frame.batches.toReversed() })),
  'repeats a batch': log((frame) => ({ batches: frame.batches.flatMap((batch) => [batch, batch]) })),
  'changes a bit of a batch': log((frame, random) => ({ batches: frame.batches.map((batch) => flipped(batch, random)) })),
  'changes a bit of a record': log((frame, random) => ({ records: frame.records.map((record) => flipped(record, random)) })),
  'exchanges records': log((frame) => ({ records: frame.records.map(() => frame.records[0] as Bytes) })),
  'never ends': log((frame) => ({ headSeq: frame.headSeq + 1 })),
  'keeps records back': () => (api) =>
    lying(
      lyingLog(api, (frame) => ({ ...frame, records: [] })),
      { records: async () => [] },
    ),
  'shortens the circle': (random) => (api) =>
    lying(api, { circle: async (session, after) => (await api.circle(session, after)).slice(0, random.below(2)) }),
  'gives no keys': () => (api) => lying(api, { circleKeys: async () => ({ shares: [], wraps: [] }) }),
  'says "removed"': () => (api) => lying(api, { changes: refuse, push: refuse }),
} as const satisfies Record<string, Lie>

export type LieName = keyof typeof lies
export const lieNames = Object.keys(lies) as LieName[]
