/**
 * One label per message of escrow: a signature or a key made for one purpose is none for another. A changed format gets a new
 * label, never a new meaning for an old one.
 */
export const labels = {
  salt: 'nk/1/esc',
  input: 'nk/1/esc/pepper',
  inner: 'nk/1/esc/in',
  outer: 'nk/1/esc/out',
  outerLock: 'nk/1/esc/lock',
  mask: 'nk/1/esc/mask',
  commitment: 'nk/1/esc/com',
  tag: 'nk/1/esc/tag',
  secret: 'nk/1/esc/rs',
  statement: 'nk/1/esc/reg',
  activation: 'nk/1/esc/act',
  row: 'nk/1/esc/row',
  realmList: 'nk/1/esc/realms',
  answer: 'nk/1/esc/ans',
} as const

/** What a token opens; the first is the one of recovery. */
export const tokenLabels = { recover: 'nk/1/esc/tok', register: 'nk/1/esc/tok/reg', manage: 'nk/1/esc/tok/man' } as const

export const requestLabels = {
  info: 'nk/1/esc/req/info',
  evaluate: 'nk/1/esc/req/eval',
  prove: 'nk/1/esc/req/prove',
  register: 'nk/1/esc/req/reg',
  status: 'nk/1/esc/req/status',
  destroy: 'nk/1/esc/req/destroy',
  freeze: 'nk/1/esc/req/freeze',
  thaw: 'nk/1/esc/req/thaw',
} as const

export const formatVersion = 1
/** X-Wing, HKDF-SHA256, AES-256-GCM, Ed25519, ristretto255-SHA512 */
export const currentSuite = 2
