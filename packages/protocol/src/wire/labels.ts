/** One label per message type (SPEC ENC-5). A changed format gets a new label, never a new meaning for an old one. */
export const labels = {
  account: 'nk/1/acct',
  circleEntry: 'nk/1/chain',
  circleReverse: 'nk/1/chain-rev',
  batch: 'nk/1/batch',
  record: 'nk/1/rec',
  accountKeyShare: 'nk/1/share',
  vaultKeyWrap: 'nk/1/wrap/vk',
  previousVaultKeyWrap: 'nk/1/wrap/vk-prev',
  join: 'nk/1/join/code',
  joinQr: 'nk/1/join/qr',
  joinMessage: 'nk/1/join/msg',
  request: 'nk/1/req',
  signIn: 'nk/1/sign-in',
  bind: 'nk/1/bind',
  reset: 'nk/1/reset',
  escrowExport: 'nk/1/esc/export',
  escrowLabel: 'nk/1/esc/label',
  twoFactor: 'nk/1/two-factor',
} as const

/** Version of every object in this folder. */
export const formatVersion = 1

/** Algorithm suites (SPEC KEY-1). 2 = X-Wing, HKDF-SHA256, AES-256-GCM, Ed25519. 1 is reserved for tests and refused. */
export const currentSuite = 2
