/**
 * When the person at this browser last proved who they are (C1, LOC-13): here and not in the popup, which could do without. Kept beside the unlock
 * key in the memory of the browser, as times alone, because the background may be ended between the question and the act.
 */
import { systemClock } from '@nokkel/base'
import { PersonProof, type ProofState } from '@nokkel/client/browser'
import { browser } from '../browser.ts'

const name = 'person-proof'

async function read(): Promise<PersonProof> {
  // nobody but this file writes it, and content scripts can neither read nor write there (`keepKey`)
  return new PersonProof(systemClock, (await browser.storage.session.get(name))[name] as ProofState | undefined)
}
let reading: Promise<PersonProof> | undefined

/** In one turn, so that two acts at once cannot have the same proof; written down whatever came of it. */
async function withProof(work: (proof: PersonProof) => void): Promise<void> {
  const proof = await (reading ??= read())
  try {
    work(proof)
  } finally {
    await browser.storage.session.set({ [name]: proof.state })
  }
}

export const personUnlocked = (): Promise<void> => withProof((proof) => proof.unlocked())
export const personProved = (): Promise<void> => withProof((proof) => proof.given())
/** At a lock. */
export const forgetPerson = (): Promise<void> => withProof((proof) => proof.forget())
/** Before a secret is shown or a device let in. Throws `proof-needed`. */
export const ensurePerson = (minutes: number): Promise<void> => withProof((proof) => proof.ensure(minutes))
/** Before security settings are changed. Throws `proof-needed`. */
export const usePersonProof = (): Promise<void> => withProof((proof) => proof.useFresh())
