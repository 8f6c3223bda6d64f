/** Who the two sides of OPAQUE are (RFC 9807 §2.2, client_identity and server_identity). */
import type { AccountId } from '@nokkel/base'

export const identifiersOf = (account: AccountId, serverId: string): { client: string; server: string } => ({
  client: account,
  server: serverId,
})
