/**
 * Every cause of section G as a real state. `faults.test.ts` makes each by itself, `pairs.test.ts` two at a time, and `docs/doctor-matrix.md` is the
 * table of both.
 */
import { approval } from './approval.ts'
import type { Fault } from './fault.ts'
import { items } from './items.ts'
import { questions } from './questions.ts'
import { service } from './service.ts'
import { standing } from './standing.ts'
import { synchronising } from './synchronising.ts'
import { wayToServer } from './way-to-server.ts'

export const faults: readonly Fault[] = [standing, wayToServer, service, approval, synchronising, items, questions].flat()
