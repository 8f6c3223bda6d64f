/** What a failing simulation throws, and the mark by which anything that a person entered is known. */

export class SimulationFailure extends Error {
  override readonly name = 'SimulationFailure'
}

/** Canaries: every value that a person enters begins like this, and nothing at the server may (I5). */
export const canary = 'kanarifugl-'
