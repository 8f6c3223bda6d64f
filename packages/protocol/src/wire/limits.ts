/** Floors and ceilings of everything that comes from outside (house rule 7; SPEC LIM-1 …). Sizes in bytes unless named otherwise. */
export const limits = {
  circleEntryBytes: 16_384,
  circleEntries: 10_000,
  activeDevices: 64,
  vaults: 50,
  /** a sealed record */
  recordBytes: 262_144,
  recordPlaintextBytes: 200_000,
  recordsPerBatch: 100,
  batchBytes: 16_384,
  /** one frame of the vault log: a batch and its records */
  frameBytes: 1_048_576,
  /** a frame on its way in: a little less, so that the same batch fits one frame of changes on its way out */
  pushFrameBytes: 1_047_552,
  framesPerPush: 256,
  recordsPerVault: 200_000,
  shareBytes: 2_048,
  wrapBytes: 512,
  joinMessageBytes: 16_384,
  recoveryBundleBytes: 32_768,
  /** what the sign-in server keeps of a registration with realms: the signed realm list, the outer lock, the sealed label */
  realmListBytes: 8_192,
  outerLockBytes: 256,
  escrowLabelBytes: 1_024,
  realms: 16,
  /** records of registrations that are not in the circle (yet) count too */
  escrowRecords: 132,
  /** one a device, the security code, the recovery key */
  recoveryMembers: 66,
  /** trusted numbers beside the account's own (VER-11) */
  furtherNumbers: 3,
  /** a signed statement about two factors */
  twoFactorBytes: 256,
  jsonBytes: 65_536,
  deviceName: 64,
  email: 254,
} as const
