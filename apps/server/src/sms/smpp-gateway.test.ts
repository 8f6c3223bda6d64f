import { afterEach, describe, expect, it } from 'vitest'
import smpp, { type Pdu, type Session, type SmppServer } from 'smpp'
import { smppGateway } from './smpp-gateway.ts'
import type { SmsGateway, SmsReceipt } from './sms-gateway.ts'

/** The message centre: the library's own server half, on loopback. */
describe('SMPP 3.4', () => {
  const servers: SmppServer[] = []
  const gateways: SmsGateway[] = []
  afterEach(async () => {
    for (const gateway of gateways.splice(0)) await gateway.close()
    for (const server of servers.splice(0)) server.close()
  })

  async function setUp(onSubmit: (session: Session, pdu: Pdu, n: number) => void, timeoutMs = 5_000) {
    const seen: { binds: Pdu[]; submits: Pdu[]; unbinds: number } = { binds: [], submits: [], unbinds: 0 }
    const server = smpp.createServer((session) => {
      session.on('error', () => undefined)
      session.on('bind_transceiver', (pdu: Pdu) => {
        seen.binds.push(pdu)
        session.send(pdu.response({ command_status: pdu.password === 'right' ? 0 : 0x0e }))
      })
      session.on('submit_sm', (pdu: Pdu) => onSubmit(session, pdu, seen.submits.push(pdu)))
      session.on('unbind', (pdu: Pdu) => {
        seen.unbinds++
        session.send(pdu.response())
      })
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const connect = (password = 'right') => {
      const settings = { host: '127.0.0.1', port: server.address().port, tls: false, systemId: 'nokkel', from: 'Nokkelring', timeoutMs }
      const gateway = smppGateway({ ...settings, password })
      gateways.push(gateway)
      return gateway
    }
    return { connect, seen }
  }
  const message = { to: '+4799887766', text: '123456 is your code\n\n@keys.example.org #123456' }

  it('F8: binds once, submits with number and text, hears the receipt, unbinds at the end', async () => {
    const { connect, seen } = await setUp((session, pdu, n) => {
      session.send(pdu.response({ message_id: `id-${n}` }))
      const stat = n === 1 ? 'DELIVRD' : 'UNDELIV'
      session.deliver_sm({ esm_class: 4, short_message: `id:id-${n} sub:001 dlvrd:001 stat:${stat} err:000 text:` })
    })
    const gateway = connect()
    const receipts: SmsReceipt[] = []
    const both = new Promise<void>((resolve) => gateway.onReceipt((receipt) => void (receipts.push(receipt) === 2 && resolve())))
    expect(await gateway.send(message)).toEqual({ messageId: 'id-1' })
    expect(await gateway.send(message)).toEqual({ messageId: 'id-2' })
    await both
    expect(receipts).toEqual([
      { messageId: 'id-1', state: 'delivered', reason: null },
      { messageId: 'id-2', state: 'failed', reason: 'number-unreachable' },
    ])
    expect(seen.binds).toHaveLength(1)
    expect(seen.submits[0]?.destination_addr).toBe('4799887766')
    await gateway.close()
    expect(seen.unbinds).toBe(1)
  })

  it('F8: throttling and an impossible number are told as such', async () => {
    const { connect } = await setUp((session, pdu, n) => void session.send(pdu.response({ command_status: n === 1 ? 0x58 : 0x0b })))
    const gateway = connect()
    await expect(gateway.send(message)).rejects.toMatchObject({ reason: 'gateway-throttled' })
    await expect(gateway.send(message)).rejects.toMatchObject({ reason: 'number-invalid' })
  })

  it('a lost session is bound again for the next message', async () => {
    const { connect, seen } = await setUp(
      (session, pdu, n) => void (n === 1 ? session.destroy() : session.send(pdu.response({ message_id: 'x' }))),
    )
    const gateway = connect()
    await expect(gateway.send(message)).rejects.toMatchObject({ reason: 'gateway-unavailable' })
    expect(await gateway.send(message)).toEqual({ messageId: 'x' })
    expect(seen.binds).toHaveLength(2)
  })

  it('a message centre that does not answer, or is not there, or refuses the password, is an error in time', async () => {
    const { connect } = await setUp(() => undefined, 100)
    await expect(connect().send(message)).rejects.toMatchObject({ reason: 'gateway-unavailable' })
    await expect(connect('wrong').send(message)).rejects.toMatchObject({ reason: 'gateway-refused' })
  })
})
