/** The facade's implementation: one session of this device, and the calls by what they are about. No rules of its own. */
import type { DeviceStore } from '@nokkel/store'
import { accountCalls } from './calls/account.ts'
import { autofillCalls } from './calls/autofill.ts'
import { deviceCalls } from './calls/devices.ts'
import { endingCalls } from './calls/ending.ts'
import { itemCalls } from './calls/items.ts'
import { lockingCalls } from './calls/locking.ts'
import { recoveryCalls } from './calls/recovery.ts'
import { syncingCalls } from './calls/syncing.ts'
import { verificationCalls } from './calls/verification.ts'
import { DeviceSession } from './device-session.ts'
import type { Client } from './facade.ts'
import { passcodeName } from './local-key.ts'
import { createObserver } from './observe.ts'
import type { Platform } from './platform.ts'

export function openClient(store: DeviceStore, platform: Platform): Client {
  const session = new DeviceSession(store, platform)
  const syncing = syncingCalls(session)
  return {
    observe: createObserver({
      clock: platform.clock,
      state: () => session.state(),
      keychain: () => session.present?.keychain ?? null,
      connect: (server) => platform.connect(server),
      passcodeName: () => passcodeName(store),
      escrow: () => (session.present === null || session.keychain.identity === null ? null : session.escrowParts),
    }),
    ...syncing,
    ...lockingCalls(session),
    ...accountCalls(session, syncing),
    ...deviceCalls(session, syncing),
    ...recoveryCalls(session, syncing),
    ...verificationCalls(session),
    ...itemCalls(session),
    ...autofillCalls(session),
    ...endingCalls(session, syncing),
  }
}
