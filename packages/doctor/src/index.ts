/** Door `@nokkel/doctor`: from what a person sees to what is wrong and what helps (G). Never prints, and repairs nothing without a plan. */
export { ghostsAmong } from './causes/approval.ts'
export { causeCodes, type CauseCode } from './causes/codes.ts'
export { causes } from './causes/index.ts'
export { clientObservations, type ObservationParts } from './client-observations.ts'
export { examine, type Examination, type ExamineOptions, type Outcome, type Unobserved } from './examine.ts'
export { evidenceTypes, type Confidence, type Evidence, type EvidenceType, type Finding, type Severity } from './finding.ts'
export { carryOut, planMending, type Actions, type Mended, type PlannedAction } from './mend.ts'
export {
  observationNames,
  type BrowserObservation,
  type ObservationName,
  type Observations,
  type Observe,
  type PageObservation,
  type Seen,
  type StatusObservation,
  type StoreObservation,
} from './observations.ts'
export { actions, steps, surfaces, type ActionId, type StepId, type Surface } from './remedy.ts'
export { statusObservation } from './status-summary.ts'
export { supportReport, type SupportReport } from './support-report.ts'
export { browserSymptoms, guidance, isSymptom, symptoms, type Symptom } from './symptom.ts'
export { whyNot } from './why-not.ts'
