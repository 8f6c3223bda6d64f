/** Door for tests: the gate that recovery asks, and the sessions that it is asked about. */
export type { SessionRow } from '../store/store.ts'
export { hasPassed } from '../verification/gate.ts'
