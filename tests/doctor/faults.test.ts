/**
 * Section G, cause by cause: the real state is made, the doctor is asked, and its first finding is the cause, with none beside it; its remedy,
 * carried out, cures the symptom, and the doctor is content.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faults } from './faults/index.ts'
import { codesOf, Lab, lookAt } from './lab.ts'

let lab: Lab
beforeAll(async () => {
  lab = await Lab.open()
})
afterAll(() => lab.close())

describe('G: each cause by itself', () => {
  it.each(faults.map((fault) => [fault.name, fault] as const))('%s', async (_, fault) => {
    const ward = await lab.ward()
    try {
      const patient = await fault.make(ward)
      const asked = await lookAt(patient, { symptom: fault.symptom, ...fault.options?.(patient) })
      expect(codesOf(asked)).toEqual([fault.code])
      if (fault.onlyAsked !== true) expect(codesOf(await lookAt(patient, fault.options?.(patient)))).toEqual([fault.code])
      await fault.remedy(ward, patient)
      if (fault.works !== undefined) expect(await fault.works(ward, patient)).toBe(true)
      expect(codesOf(await lookAt(patient, fault.options?.(patient)))).toEqual([])
    } finally {
      await ward.end()
    }
  })
})
