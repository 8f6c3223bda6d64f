/** Door `@nokkel/escrow`: the client's half, with keys. The formats that it shares with realms come through the other door, `./realm`. */
export {
  askingRules,
  systemTimers,
  type AskingRules,
  type Asked,
  type RealmEndpoint,
  type RealmFault,
  type Timers,
  type TokenSource,
} from './ask-realm.ts'
export * from './bundle.ts'
export { codeAlphabet, groupCode } from './code-text.ts'
export * from './enrolment.ts'
export type { EscrowPorts } from './escrow-ports.ts'
export * from './manage.ts'
export { relockOuterKey, type OuterLockPlace } from './outer-layer.ts'
export { needsOuterLayer, prepareRegistration, type PreparedRegistration, type RegistrationPlan } from './prepare-registration.ts'
export * from './recover.ts'
export * from './recovery-key.ts'
export * from './recovery-member.ts'
export * from './security-code.ts'
export type { StretchCode } from './stretch.ts'
export { surveyRecovery, type RealmView, type RecoveryTarget, type Survey, type SurveyVerdict } from './survey.ts'
export type { RecordStanding, StatusRow } from './realm/answers.ts'
export { newEscrowId, type RealmId, type RecordSlot, type RegistrationId } from './realm/ids.ts'
export { openRealmList, openUnsignedRealmList, type RealmListEntry } from './realm/realm-list.ts'
export { realmOperations, type Realm, type RealmOperation } from './realm/realm.ts'
export type { CodeKind, Statement } from './realm/statement.ts'
