/** The part of `smpp` 0.5 that we use; it ships no types of its own. */
declare module 'smpp' {
  import type { EventEmitter } from 'node:events'
  import type { AddressInfo } from 'node:net'

  export interface Pdu {
    readonly command: string
    readonly command_status: number
    readonly message_id?: string
    readonly esm_class?: number
    readonly source_addr?: string
    readonly destination_addr?: string
    readonly system_id?: string
    readonly password?: string
    readonly short_message?: { readonly message?: string | Uint8Array } | string
    readonly message_payload?: { readonly message?: string | Uint8Array } | string
    readonly receipted_message_id?: string
    readonly message_state?: number
    response(options?: Readonly<Record<string, unknown>>): Pdu
  }
  export interface Session extends EventEmitter {
    bind_transceiver(options: Readonly<Record<string, unknown>>, answer?: (pdu: Pdu) => void): boolean
    submit_sm(options: Readonly<Record<string, unknown>>, answer?: (pdu: Pdu) => void): boolean
    deliver_sm(options: Readonly<Record<string, unknown>>, answer?: (pdu: Pdu) => void): boolean
    unbind(answer?: (pdu: Pdu) => void): boolean
    send(pdu: Pdu): boolean
    close(done?: () => void): void
    destroy(done?: () => void): void
  }
  export interface SmppServer extends EventEmitter {
    listen(port: number, host: string, done?: () => void): void
    address(): AddressInfo
    close(done?: () => void): void
  }
  export interface Smpp {
    connect(options: Readonly<Record<string, unknown>>): Session
    createServer(onSession: (session: Session) => void): SmppServer
  }
  const smpp: Smpp
  export default smpp
}
