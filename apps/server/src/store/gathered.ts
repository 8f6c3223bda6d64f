/**
 * Lookups that wait at the same time go to the database together: each way there costs a process more than what it brings. Whoever comes while others
 * are under way waits for one of those to end and goes with all who came meanwhile; alone, a lookup goes alone and at once. Every answer is read
 * after its question was asked, so that nobody is told of a state from before it.
 */
export interface Lookup<Key, Row> {
  one(key: Key): Promise<Row | undefined>
  /** Rows in any order. */
  many(keys: readonly Key[]): Promise<readonly Row[]>
  /** The same text for a key and for the row that it names. */
  nameOfKey(key: Key): string
  nameOfRow(row: Row): string
}

interface Waiting<Key, Row> {
  readonly key: Key
  readonly resolve: (row: Row | undefined) => void
  readonly reject: (error: unknown) => void
}

/** While one is on its way back the next one is made. */
const mostUnderWay = 2
const mostTogether = 64

export function gathered<Key, Row>(lookup: Lookup<Key, Row>): (key: Key) => Promise<Row | undefined> {
  let waiting: Waiting<Key, Row>[] = []
  let underWay = 0

  async function go(group: readonly Waiting<Key, Row>[]): Promise<void> {
    try {
      const [first] = group
      if (first !== undefined && group.length === 1) return first.resolve(await lookup.one(first.key))
      const rows = await lookup.many(group.map(({ key }) => key))
      const found = new Map(rows.map((row) => [lookup.nameOfRow(row), row]))
      for (const { key, resolve } of group) resolve(found.get(lookup.nameOfKey(key)))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, mostTogether)
      waiting = waiting.slice(mostTogether)
      await go(group)
    }
    underWay--
  }

  return (key) =>
    new Promise((resolve, reject) => {
      waiting.push({ key, resolve, reject })
      if (underWay >= mostUnderWay) return
      underWay++
      // one turn of the event loop, so that requests that arrived together go together
      setImmediate(() => void drain())
    })
}
