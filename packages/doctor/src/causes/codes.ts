/**
 * All causes by their stable codes, in the order of rank: what stands higher is said first, because it hides what is below it or must be
 * put right before it. A code never changes its meaning.
 */
export const causeCodes = [
  // nothing can be read or written here
  'database-damaged',
  'database-too-new',
  'disk-full',
  'database-in-use',
  'database-unreadable',
  // somebody lies
  'server-misbehaved',
  // where this device stands
  'not-set-up',
  'restored-not-on',
  'locked',
  'off-everywhere',
  'reset-unfinished',
  'keychain-reset',
  'device-removed',
  'off-here-copy',
  'off-here',
  // the way to the server
  'no-network',
  'server-unreachable',
  'server-silent',
  'certificate-time',
  'certificate-not-trusted',
  'proxy-in-between',
  'other-answer',
  'server-down',
  // the service
  'service-outage',
  'service-maintenance',
  'client-too-old',
  'server-too-old',
  'region-closed',
  'server-clock-wrong',
  'device-clock-wrong',
  'clocks-differ',
  'signed-out',
  // approval
  'approval-declined',
  'approval-attempts-used',
  'nobody-answers',
  'approval-expired',
  'approval-not-asked',
  'approval-unseen',
  'approval-pending',
  'ghost-request',
  'request-waiting',
  // synchronising
  'joining-unfinished',
  'key-missing',
  'quota-full',
  'live-channel-blocked',
  'local-items-waiting',
  'upload-waiting',
  // items
  'items-quarantined',
  'account-erasure-due',
  'edit-lost',
  'duplicates',
  'items-deleted',
  'keychain-empty',
  'keychain-replaced',
  // the browser
  'managed-policy',
  'other-manager',
  'passwords-off',
  'cards-off',
  'saving-off',
  'page-locked',
  'private-window',
  'never-listed',
  'site-asks-not',
  'insecure-page',
  'foreign-frame',
  'address-unusable',
  'no-field',
  'no-match',
  // number, code, two factors
  'two-factor-on',
] as const
export type CauseCode = (typeof causeCodes)[number]
