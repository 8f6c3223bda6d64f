/** What a run of simulations did, so that it can prove that it did something. */

export class Counts {
  readonly operations = new Map<string, number>()
  readonly faults = new Map<string, number>()
  readonly outcomes = new Map<string, number>()

  operation(kind: string): void {
    add(this.operations, kind, 1)
  }
  fault(kind: string): void {
    add(this.faults, kind, 1)
  }
  outcome(kind: string, n = 1): void {
    add(this.outcomes, kind, n)
  }

  add(other: Counts): void {
    for (const [kind, n] of other.operations) add(this.operations, kind, n)
    for (const [kind, n] of other.faults) add(this.faults, kind, n)
    for (const [kind, n] of other.outcomes) add(this.outcomes, kind, n)
  }

  toString(): string {
    const line = (name: string, counts: ReadonlyMap<string, number>) =>
      `  ${name}: ${[...counts]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, n]) => `${kind} ${n}`)
        .join(', ')}`
    return [line('operations', this.operations), line('faults', this.faults), line('outcomes', this.outcomes)].join('\n')
  }
}

function add(counts: Map<string, number>, kind: string, n: number): void {
  counts.set(kind, (counts.get(kind) ?? 0) + n)
}
