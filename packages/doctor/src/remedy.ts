/**
 * What can be done about a cause: steps for the person and actions that an app may carry out when the person says so. Codes only; words,
 * per surface, are in `packages/messages` (`step.CODE`, `step.CODE.cli`, `step.CODE.app`, `action.CODE`).
 */

export const surfaces = ['cli', 'web', 'extension'] as const
export type Surface = (typeof surfaces)[number]

export const steps = [
  // the network and the server
  'check-network',
  'check-address',
  'network-sign-in',
  'allow-address',
  'allow-live',
  'look-at-status',
  'wait-for-operator',
  'tell-operator',
  'set-clock',
  'trust-certificate',
  'update-app',
  'update-server',
  'region-ask',
  'sync-now',
  // this device
  'free-space',
  'repair-database',
  'close-others',
  'check-rights',
  'unlock',
  'set-up',
  'turn-on',
  'turn-on-anew',
  'turn-on-copy',
  'sign-in-again',
  'ask-who-removed',
  'stop-using-server',
  // approval
  'ask-approval',
  'approve-elsewhere',
  'open-other-device',
  'recovery-key',
  'reset-last-way',
  'approve-here',
  'decline-unknown',
  'decline-ghosts',
  'type-carefully',
  'remove-and-join',
  // items
  'wait-for-upload',
  'make-room',
  'look-history',
  'tidy-duplicates',
  'look-deleted',
  'look-filter',
  'check-account',
  'import-again',
  'copy-merged',
  'update-or-restore-item',
  'keep-account',
  'see-unlock',
  'see-item',
  // the browser
  'switch-on-passwords',
  'switch-on-cards',
  'switch-on-saving',
  'ask-administrator',
  'choose-manager',
  'normal-window',
  'fill-by-hand',
  'remove-never',
  'allow-site',
  'open-secure',
  'open-frame',
  'add-site',
  'look-at-why-not',
  'card-choose',
  'card-code',
  // number, code, two factors
  'two-factor-instead',
] as const
export type StepId = (typeof steps)[number]

/** `needs`: what the app must ask for before it can carry the action out. Only those that need nothing are carried out by `--fix`. */
export const actions = {
  sync: { needs: 'nothing' },
  'repair-database': { needs: 'nothing' },
  'decline-ghosts': { needs: 'nothing' },
  'ask-approval': { needs: 'person' },
  /** the person has to do something first: then everything is looked at again */
  'look-again': { needs: 'person' },
  unlock: { needs: 'passcode' },
  'turn-on': { needs: 'password' },
  'sign-in-again': { needs: 'password' },
  'keep-account': { needs: 'person' },
  'show-devices': { needs: 'person' },
  'show-deleted': { needs: 'person' },
  'show-duplicates': { needs: 'person' },
  'switch-on-passwords': { needs: 'person' },
  'switch-on-cards': { needs: 'person' },
  'switch-on-saving': { needs: 'person' },
  'remove-never': { needs: 'person' },
  'allow-site': { needs: 'person' },
} as const satisfies Readonly<Record<string, { readonly needs: 'nothing' | 'passcode' | 'password' | 'person' }>>
export type ActionId = keyof typeof actions
