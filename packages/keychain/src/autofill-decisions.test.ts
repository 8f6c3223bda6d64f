/** SYN-32: what is decided for all devices, from several writers, old browsers and hostile ones. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  absorbOwn,
  decisionLimits,
  fadingDecisions,
  longAgo,
  readDecisions,
  registersOf,
  switchesAtFirst,
  uniteDecisions,
  type DecisionChanges,
} from './autofill-decisions.ts'
import { planDecisions, type Writing } from './write-decisions.ts'
import { HybridClock, type Hlc } from './hlc.ts'
import { decodeItem, encodeItem, type Item } from './item.ts'
import type { CborValue } from '@nokkel/base'

/** Devices that write down what they decide, and hear of each other when the test says so. */
class Writer {
  readonly #clock: HybridClock
  readonly dev: string
  own = new Map<string, Item>()
  seen: readonly Item[] = []

  constructor(dev: string, clock = { nowMs: () => 1_000 }) {
    this.dev = dev.repeat(16)
    this.#clock = new HybridClock(clock, this.dev)
  }
  get items(): readonly Item[] {
    return [...this.own.values(), ...this.seen]
  }
  decide(changes: DecisionChanges): void {
    this.#write(registersOf(changes))
  }
  absorb(own: Parameters<typeof absorbOwn>[1]): boolean {
    const { wanted, apart } = absorbOwn(uniteDecisions(this.items), own)
    this.#write(wanted, longAgo(this.dev))
    return apart
  }
  #write(wanted: ReadonlyMap<string, boolean>, decided?: Hlc): void {
    const writing: Writing = { stamp: () => this.#clock.tick(), fading: fadingDecisions(this.items), ...(decided && { decided }) }
    for (const { id, item } of planDecisions(this.own, uniteDecisions(this.items), wanted, writing))
      this.own.set(id ?? `${this.dev}/${this.own.size}`, decodeItem(encodeItem(item)))
  }
  hear(...others: readonly Writer[]): void {
    this.hearItems(others.flatMap(({ own }) => [...own.values()]))
  }
  hearItems(items: readonly Item[]): void {
    this.seen = items
    for (const item of this.seen) for (const { hlc } of item.fields.values()) this.#clock.observe(hlc)
  }
  get decided() {
    return readDecisions(uniteDecisions(this.items))
  }
}

const at = (ms: number, dev = 'f'): Hlc => ({ ms, ctr: 0, dev: dev.repeat(16) })
function itemOf(fields: Readonly<Record<string, CborValue>>, change: Partial<Item> = {}): Item {
  return {
    schema: 1,
    kind: 'settings',
    created: at(1),
    fields: new Map(Object.entries(fields).map(([name, value]) => [name, { value, hlc: at(1) }])),
    removal: null,
    purge: null,
    history: [],
    extra: [],
    ...change,
  }
}

describe('decisions about filling and saving', () => {
  it('E2 SYN-32 what two devices add offline is there on both, in items of their own', () => {
    const a = new Writer('a')
    const b = new Writer('b')
    a.decide({ neverSave: { add: ['one.example', 'both.example'] } })
    b.decide({ neverSave: { add: ['two.example', 'both.example'] }, allowOff: { add: ['asks.example'] } })
    a.hear(b)
    b.hear(a)
    expect(a.decided).toEqual({ switches: {}, neverSave: ['both.example', 'one.example', 'two.example'], allowOff: ['asks.example'] })
    expect(b.decided).toEqual(a.decided)
    expect([a.own.size, b.own.size]).toEqual([1, 1])
  })

  it('E2 SYN-32 what is taken out after it was seen is out everywhere, and may be put in again', () => {
    const a = new Writer('a', { nowMs: () => 50_000 })
    const b = new Writer('b', { nowMs: () => 10 })
    a.decide({ neverSave: { add: ['one.example'] } })
    b.hear(a)
    b.decide({ neverSave: { remove: ['one.example'] } })
    a.hear(b)
    expect([a.decided.neverSave, b.decided.neverSave]).toEqual([[], []])
    a.decide({ neverSave: { add: ['one.example'] } })
    b.hear(a)
    expect(b.decided.neverSave).toEqual(['one.example'])
  })

  it('SYN-32 the order in which items arrive decides nothing', () => {
    const change = fc.record({
      who: fc.nat(2),
      site: fc.constantFrom('a.example', 'b.example', 'c.example'),
      add: fc.boolean(),
      hears: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), (changes) => {
        const writers = ['a', 'b', 'c'].map((dev) => new Writer(dev))
        for (const { who, site, add, hears } of changes) {
          const writer = writers[who] as Writer
          if (hears) writer.hear(...writers.filter((each) => each !== writer))
          writer.decide({ neverSave: { [add ? 'add' : 'remove']: [site] } })
          expect(writer.decided.neverSave.includes(site)).toBe(add)
        }
        const all = writers.flatMap(({ own }) => [...own.values()])
        expect(uniteDecisions([...all].reverse())).toEqual(uniteDecisions(all))
      }),
    )
  })

  it('SYN-32 what is so already is not written again, and a switch that nobody has set is on', () => {
    const a = new Writer('a')
    a.decide({ switches: switchesAtFirst, neverSave: { remove: ['one.example'] } })
    expect(a.own.size).toBe(0)
    a.decide({ switches: { fillCards: false } })
    const before = [...a.own.values()]
    a.decide({ switches: { fillCards: false } })
    expect([...a.own.values()]).toEqual(before)
    expect(a.decided.switches).toEqual({ fillCards: false })
  })

  it('SYN-32 a long list goes into several items, each far below what an item may hold; beyond the limit there is an error and no change', () => {
    const a = new Writer('a')
    const sites = Array.from({ length: decisionLimits.sites }, (_, n) => `${'x'.repeat(200)}${n}.example`)
    a.decide({ neverSave: { add: sites } })
    expect(a.own.size).toBe(Math.ceil(sites.length / decisionLimits.registersAnItem))
    for (const item of a.own.values()) expect(item.fields.size).toBeLessThanOrEqual(decisionLimits.registersAnItem)
    expect(a.decided.neverSave).toEqual([...sites].sort())
    const before = new Map(a.own)
    expect(() => a.decide({ neverSave: { add: ['more.example'] } })).toThrow(expect.objectContaining({ code: 'too-large' }))
    expect(a.own).toEqual(before)
    // taking one out makes room
    a.decide({ neverSave: { remove: [sites[0] as string] } })
    a.decide({ neverSave: { add: ['more.example'] } })
    expect(a.decided.neverSave).toContain('more.example')
  })

  it('SYN-32 names and values that cannot be are refused here and passed over from others', () => {
    const a = new Writer('a')
    for (const site of ['', 'Upper.example', 'a b', 'a/b', 'https://a.example', 'x'.repeat(254), 'é.example', 'a\u0000b'])
      expect(() => a.decide({ neverSave: { add: [site] } }), site).toThrow(expect.objectContaining({ code: 'malformed' }))
    const hostile = itemOf({
      'never:ok.example': true,
      'never:': true,
      'never:<script>': true,
      'never:A.example': true,
      [`never:${'x'.repeat(254)}`]: true,
      'never:number.example': 1,
      'never:text.example': 'true',
      'allow-off:null.example': null,
      'fill:cards': 'off',
      'offer:save': false,
      __proto__: true,
      'site:elsewhere.example': true,
      title: 'x',
    })
    expect(readDecisions(uniteDecisions([hostile]))).toEqual({ switches: { offerToSave: false }, neverSave: ['ok.example'], allowOff: [] })
  })

  it('SYN-32 other kinds, deleted items, and more than can be are not read', () => {
    const kind = itemOf({ 'never:a.example': true }, { kind: 'note' })
    const deleted = itemOf({ 'never:b.example': true }, { removal: { state: 'deleted', hlc: at(2) } })
    expect(readDecisions(uniteDecisions([kind, deleted])).neverSave).toEqual([])
    const many = Array.from({ length: decisionLimits.items + 20 }, (_, n) =>
      itemOf(Object.fromEntries(Array.from({ length: 300 }, (__, m) => [`never:${n}-${m}.example`, true]))),
    )
    expect(readDecisions(uniteDecisions(many)).neverSave).toHaveLength(decisionLimits.sites)
  })

  describe('SYN-32 more items than are read together, of devices that came and went', () => {
    const many = decisionLimits.items + 200
    /** Each decides two things, takes back one of an earlier one, and is never heard of again. */
    function generations(): { readonly items: readonly Item[]; readonly first: Writer; readonly never: ReadonlySet<string> } {
      let items: readonly Item[] = []
      const never = new Set<string>()
      let first: Writer | undefined
      for (let n = 0; n < many; n++) {
        const writer = new Writer('e')
        writer.hearItems(items)
        const back = n % 3 === 2 ? [`a${(n - 2) / 3}.example`] : []
        writer.decide({ neverSave: { add: [`a${n}.example`, `b${n}.example`] }, switches: { fillCards: n > 0 } })
        writer.decide({ neverSave: { remove: back } })
        for (const site of [`a${n}.example`, `b${n}.example`]) never.add(site)
        for (const site of back) never.delete(site)
        items = [...items, ...writer.own.values()]
        first ??= writer
      }
      if (first === undefined) throw new Error('nobody wrote')
      return { items, first, never }
    }
    let items: readonly Item[] = []
    let first = new Writer('e')
    let never: ReadonlySet<string> = new Set()
    beforeAll(() => {
      ;({ items, first, never } = generations())
    })

    it('nothing that was decided is lost, though few of the items are', () => {
      expect(items.length).toBeGreaterThan(decisionLimits.items)
      expect(items.length).toBeLessThan(2 * many)
      expect(readDecisions(uniteDecisions(items))).toEqual({ switches: { fillCards: true }, neverSave: [...never].sort(), allowOff: [] })
      // read together, nobody has two words for one thing
      expect(uniteDecisions(items)).toEqual(uniteDecisions([...items].reverse()))
    })

    it('nothing comes back that was taken out: not when the first device, away ever since, writes its own item again', () => {
      expect(never.has('a0.example')).toBe(false)
      first.hearItems(items.filter((item) => ![...first.own.values()].includes(item)))
      const before = [...first.own.values()][0]
      first.decide({ neverSave: { add: ['again.example'] } })
      const after = [...first.own.values()]
      // it is among the last written now, with what it said then
      expect(after[0]?.fields.get('b0.example')).toEqual(before?.fields.get('b0.example'))
      const all = [...items.filter((item) => item !== before), ...after]
      expect(readDecisions(uniteDecisions(all))).toMatchObject({
        switches: { fillCards: true },
        neverSave: [...never, 'again.example'].sort(),
      })
    })

    it('is taken along up to a limit, with the time at which it was decided, and only by who has something to write', () => {
      const writer = new Writer('f')
      writer.hearItems(items)
      writer.decide({ neverSave: { add: [] } })
      expect(writer.own.size).toBe(0)
      const long = Array.from({ length: decisionLimits.items }, (_, n) =>
        itemOf(Object.fromEntries(Array.from({ length: 150 }, (__, m) => [`never:s${m}.n${n}.example`, false])), { created: at(2 + n) }),
      )
      const fading = fadingDecisions(long)
      expect(fading.size).toBe(decisionLimits.carried)
      expect([...fading.values()].every(({ hlc }) => hlc.ms === 1)).toBe(true)
      writer.hearItems(long)
      writer.decide({ neverSave: { add: ['one.example'] } })
      expect(writer.own.size).toBe(Math.ceil((decisionLimits.carried + 1) / decisionLimits.registersAnItem))
    })

    it('what a browser had for itself is read when it goes in, though it was decided before all others', () => {
      const late = new Writer('f')
      late.hearItems(items)
      late.absorb({ ...switchesAtFirst, neverSave: ['mine.example', 'a0.example'], allowOff: [] })
      const { neverSave } = readDecisions(uniteDecisions([...items, ...late.own.values()]))
      expect(neverSave).toContain('mine.example')
      expect(neverSave).not.toContain('a0.example')
      // and not the next to be out of sight
      expect(fadingDecisions([...items, ...late.own.values()]).has('never:mine.example')).toBe(false)
    })
  })

  describe('SYN-32 what a browser had for itself', () => {
    const old = { ...switchesAtFirst, fillCards: false, neverSave: ['mine.example', 'Not A Site'], allowOff: ['asks.example'] }

    it('goes in, and gives way to what was decided for all, whichever arrives first', () => {
      const a = new Writer('a')
      const b = new Writer('b')
      a.absorb(old)
      b.decide({ neverSave: { add: ['mine.example'] } })
      b.decide({ neverSave: { remove: ['mine.example'] } })
      a.hear(b)
      expect(a.decided).toEqual({ switches: {}, neverSave: [], allowOff: ['asks.example'] })
      const late = new Writer('c')
      late.hear(b)
      late.absorb(old)
      expect(late.decided.neverSave).toEqual([])
    })

    it('stays its own as far as a switch is off, and turns nothing off for others', () => {
      const a = new Writer('a')
      expect(a.absorb(old)).toBe(true)
      expect(a.decided.switches).toEqual({})
      expect(new Writer('b').absorb({ ...old, ...switchesAtFirst })).toBe(false)
    })

    it('of two browsers is in both afterwards', () => {
      const a = new Writer('a')
      const b = new Writer('b')
      a.absorb(old)
      b.absorb({ ...switchesAtFirst, neverSave: ['other.example'], allowOff: [] })
      a.hear(b)
      b.hear(a)
      expect(a.decided.neverSave).toEqual(['mine.example', 'other.example'])
      expect(b.decided).toEqual(a.decided)
    })
  })
})
