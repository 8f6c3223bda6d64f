/**
 * One device's way to the simulated server: `ServerApi` as the product uses it, over a link that may fail. The link decides what
 * happens to each request and each answer; here is only which call is which.
 */
import type { Bytes, ItemId, RequestId, VaultId } from '@nokkel/base'
import { NokkelError } from '@nokkel/base'
import type { ChangesFrame, CircleAppend, CircleKeys, JsonRequest } from '@nokkel/protocol/wire'
import type { PushResult, ServerApi, Session } from '@nokkel/sync'
import type { LiveHandlers, SimulatedServer } from './simulated-server.ts'

export interface Link {
  /** Carries one request and its answer; throws what a network throws. `repeatable`: a copy that comes twice or late does no harm. */
  call<T>(name: string, run: () => T | Promise<T>, repeatable?: boolean): Promise<T>
  /** Between two parts of one request or answer, where a connection may break as well. */
  between(name: string): Promise<void>
}

export const perfectLink: Link = {
  call: async (_name, run) => run(),
  between: async () => undefined,
}

export class Connection implements ServerApi {
  readonly #server: SimulatedServer
  readonly #link: Link
  readonly #nowMs: () => number
  clockSkewMs: number | null = null

  constructor(server: SimulatedServer, link: Link, nowMs: () => number) {
    this.#server = server
    this.#link = link
    this.#nowMs = nowMs
  }

  async server() {
    return this.#timed(await this.#link.call('server', () => this.#server.info()))
  }
  async session(session: Session) {
    return this.#timed(await this.#link.call('session', () => this.#server.session(session.token)))
  }
  #timed<T extends { readonly timeMs: number }>(answer: T): T {
    this.clockSkewMs = answer.timeMs - this.#nowMs()
    return answer
  }

  accountStart(): Promise<never> {
    return notSimulated()
  }
  accountFinish(): Promise<never> {
    return notSimulated()
  }
  signInStart(): Promise<never> {
    return notSimulated()
  }
  signInFinish(): Promise<never> {
    return notSimulated()
  }
  siteData(): Promise<never> {
    return notSimulated()
  }
  activity(): Promise<never> {
    return notSimulated()
  }
  passwordStart(): Promise<never> {
    return notSimulated()
  }
  passwordFinish(): Promise<never> {
    return notSimulated()
  }
  accountDelete(): Promise<never> {
    return notSimulated()
  }
  accountKeep(): Promise<never> {
    return notSimulated()
  }
  recoveryCircle(): Promise<never> {
    return notSimulated()
  }
  recoveryBundles(): Promise<never> {
    return notSimulated()
  }
  recoveryBundle(): Promise<never> {
    return notSimulated()
  }
  /** No realms stand here: recovery by a code has suites of its own (tests/escrow, tests/realm). */
  async escrow() {
    return { deployment: null, passed: false, lists: [], records: [] }
  }
  escrowPut(): Promise<never> {
    return notSimulated()
  }
  escrowTokens(): Promise<never> {
    return notSimulated()
  }
  realm(): Promise<never> {
    return notSimulated()
  }
  pushKey(): Promise<never> {
    return notSimulated()
  }
  pushSubscribe(): Promise<never> {
    return notSimulated()
  }
  pushUnsubscribe(): Promise<never> {
    return notSimulated()
  }
  recover(): Promise<never> {
    return notSimulated()
  }
  keychainReplace(): Promise<never> {
    return notSimulated()
  }
  keychainOff(): Promise<never> {
    return notSimulated()
  }
  account(): Promise<never> {
    return notSimulated()
  }
  async verification() {
    return { twoFactor: true, twoFactorStatement: null, numberEnd: null, further: [], supportCase: null, lastSms: null }
  }
  verificationSend(): Promise<never> {
    return notSimulated()
  }
  verificationCheck(): Promise<never> {
    return notSimulated()
  }
  verificationStatus(): Promise<never> {
    return notSimulated()
  }
  deviceCode(): Promise<never> {
    return notSimulated()
  }
  twoFactorSet(): Promise<never> {
    return notSimulated()
  }
  numberChange(): Promise<never> {
    return notSimulated()
  }
  numberAdd(): Promise<never> {
    return this.numberConfirm()
  }
  numberAddConfirm(): Promise<never> {
    return this.numberConfirm()
  }
  numberRemove(): Promise<never> {
    return this.numberConfirm()
  }
  numberConfirm(): Promise<never> {
    return notSimulated()
  }
  supportStop(): Promise<never> {
    return notSimulated()
  }
  async notices() {
    return { notices: [] }
  }

  signOut(session: Session): Promise<void> {
    return this.#link.call('signOut', () => this.#server.signOut(session.token))
  }
  circle(session: Session, after: number): Promise<Bytes[]> {
    return this.#link.call('circle', () => this.#server.circle(session.token, after))
  }
  appendCircle(session: Session, append: CircleAppend): Promise<void> {
    return this.#link.call('appendCircle', () => this.#server.appendCircle(session.token, append), true)
  }
  circleKeys(session: Session): Promise<CircleKeys> {
    return this.#link.call('circleKeys', () => this.#server.circleKeys(session.token))
  }

  async changes(
    session: Session,
    vault: VaultId,
    from: { readonly after: number; readonly incarnation: string | null },
    onFrame: (frame: ChangesFrame, bytes: number) => Promise<void>,
  ): Promise<void> {
    let { after } = from
    for (;;) {
      const position = after
      const page = await this.#link.call('changes', () => this.#server.page(session.token, vault, position, from.incarnation))
      await onFrame(page, 0)
      if (page.lastSeq >= page.headSeq) return
      after = page.lastSeq
      await this.#link.between('changes')
    }
  }

  push(session: Session, vault: VaultId, frames: readonly Uint8Array[]): Promise<PushResult> {
    return this.#link.call(
      'push',
      async () => {
        let seq = 0
        for (const [at, frame] of frames.entries()) {
          if (at > 0) await this.#link.between('push')
          seq = this.#server.pushFrame(session.token, vault, frame)
        }
        return { seq, accepted: frames.length }
      },
      true,
    )
  }
  records(session: Session, vault: VaultId, items: readonly ItemId[]): Promise<Bytes[]> {
    return this.#link.call('records', () => this.#server.records(session.token, vault, items))
  }

  joinCreate(session: Session, request: JsonRequest<'joinCreate'>) {
    return this.#link.call('joinCreate', () => this.#server.joinCreate(session.token, request.name))
  }
  joinList(session: Session) {
    return this.#link.call('joinList', () => this.#server.joinList(session.token))
  }
  joinDecline(session: Session, request: RequestId): Promise<void> {
    return this.#link.call('joinDecline', () => this.#server.joinDecline(session.token, request), true)
  }
  joinSend(session: Session, request: RequestId, message: JsonRequest<'joinSend'>): Promise<void> {
    return this.#link.call('joinSend', () => this.#server.joinSend(session.token, request, message), true)
  }
  joinReceive(session: Session, request: RequestId, run: string | null) {
    return this.#link.call('joinReceive', () => this.#server.joinReceive(session.token, request, run))
  }
  live(session: Session, handlers: LiveHandlers): Promise<{ close(): void }> {
    return this.#link.call('live', () => this.#server.listen(session.token, handlers))
  }
}

function notSimulated(): Promise<never> {
  return Promise.reject(new NokkelError('internal', { what: 'not-simulated' }))
}
