/** What every handler works with: built once in `serve.ts`, or by a test with other parts. */
import type { Clock, Random } from '@nokkel/base'
import type { Circles } from './circles.ts'
import type { Config } from './config.ts'
import type { WebApp } from './http/web-app.ts'
import type { RateLimits } from './limits/rate-limits.ts'
import type { LiveChannel } from './live/channel.ts'
import type { Log } from './log/log.ts'
import type { Offer } from './offer.ts'
import type { Metrics } from './metrics/metrics.ts'
import type { LoginStates } from './sign-in/login-states.ts'
import type { AuditLog } from './audit/audit-log.ts'
import type { Delivery } from './outgoing/delivery.ts'
import type { Operators } from './operator/operators.ts'
import type { Outbox } from './outgoing/outbox.ts'
import type { Recovery } from './realm/recovery-setup.ts'
import type { PushSender } from './push/push-sender.ts'
import type { OpaqueServer } from './sign-in/opaque.ts'
import type { SmsGateway } from './sms/sms-gateway.ts'
import type { SmsFigures } from './sms/sms-health.ts'
import type { IsProbe } from './status/probe-token.ts'
import type { SiteData } from './site-data/site-data.ts'
import type { StatusBoard } from './status/status-board.ts'
import type { Store } from './store/store.ts'
import type { Traces } from './traces/traces.ts'
import type { Support } from './support/support.ts'
import type { Verification } from './verification/verification.ts'

export interface Services {
  readonly config: Config
  /** what may change while the server runs; asked each time, never kept */
  readonly offer: () => Offer
  readonly version: string
  readonly clock: Clock
  readonly random: Random
  readonly store: Store
  readonly circles: Circles
  readonly opaque: OpaqueServer
  readonly loginStates: LoginStates
  readonly limits: RateLimits
  readonly live: LiveChannel
  /** notices to closed apps */
  readonly push: PushSender
  readonly metrics: Metrics
  readonly log: Log
  readonly traces: Traces
  /** served at `/`; null where it was not built, and the server's own page stands there */
  readonly webApp: WebApp | null
  /** the realms of this deployment, and how their tokens are signed */
  readonly recovery: Recovery
  readonly verification: Verification
  readonly delivery: Delivery
  readonly sms: SmsGateway
  /** with which Twilio signs its callbacks; null for other gateways */
  readonly twilioToken: string | null
  readonly operators: Operators
  readonly audit: AuditLog
  readonly support: Support
  /** what would have been sent; null where everything really is */
  readonly outbox: Outbox | null
  readonly status: StatusBoard
  /** what is known of sites in general (AUT-7) */
  readonly siteData: SiteData
  /** null: no gateway that sends to anybody */
  readonly smsFigures: () => SmsFigures | null
  /** does this token come from the prober? */
  readonly isProbe: IsProbe
  /** true from the first signal to stop */
  readonly isStopping: () => boolean
}
