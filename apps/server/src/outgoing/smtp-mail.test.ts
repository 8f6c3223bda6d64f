import { afterEach, describe, expect, it } from 'vitest'
import { SMTPServer } from 'smtp-server'
import { smtpMail, type SmtpSettings } from './smtp-mail.ts'

interface Received {
  readonly from: string
  readonly to: readonly string[]
  readonly data: string
  readonly user: string | undefined
}

/** The mail server: the sister library of the client's, on loopback, with its own certificate. */
describe('mail by SMTP', () => {
  const servers: SMTPServer[] = []
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(() => resolve()))
  })

  async function setUp(settings: Partial<SmtpSettings> = {}, refuse?: number) {
    const received: Received[] = []
    const server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      logger: false,
      onAuth: ({ username, password }, _session, done) =>
        password === 'right' ? done(null, { user: username ?? '' }) : done(new Error('no')),
      onData(stream, session, done) {
        let data = ''
        stream.on('data', (chunk: Buffer) => (data += chunk.toString('utf8')))
        stream.on('end', () => {
          if (refuse !== undefined) return done(Object.assign(new Error('later'), { responseCode: refuse }))
          const { mailFrom, rcptTo } = session.envelope
          received.push({
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
            data,
            user: typeof session.user === 'string' ? session.user : undefined,
          })
          done()
        })
      },
    })
    servers.push(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()))
    const address = server.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const base = { host: '127.0.0.1', port, tls: 'none', from: 'keys@example.org', user: null, password: null, timeoutMs: 5_000 } as const
    return { received, mail: smtpMail({ ...base, ...settings }) }
  }
  const message = { to: 'anna@example.org', subject: 'Nøkkelring: Tofaktor er på', text: 'Æ ø å\n' }

  it('F9: hands a plain text over, to one recipient, as sent by a machine', async () => {
    const { received, mail } = await setUp({ user: 'keys', password: 'right' })
    await mail.send(message)
    await mail.close()
    expect(received).toMatchObject([{ from: 'keys@example.org', to: ['anna@example.org'], user: 'keys' }])
    expect(received[0]?.data).toMatch(/auto-submitted: auto-generated/i)
    expect(received[0]?.data).toMatch(/content-type: text\/plain; charset=utf-8/i)
  })

  it('an address cannot bring recipients or headers of its own', async () => {
    const { received, mail } = await setUp()
    for (const to of [
      'anna@example.org, eve@example.org',
      'anna@example.org\r\nBcc: eve@example.org',
      'anna@example.org>\r\nRCPT TO:<eve@example.org',
    ])
      await mail.send({ ...message, to }).catch(() => undefined)
    expect(received.flatMap(({ to }) => to).filter((address) => address === 'eve@example.org')).toEqual([])
    expect(received.filter(({ data }) => /^bcc:/im.test(data))).toEqual([])
  })

  it('no password and no text goes over a line that is not encrypted where encryption is asked for', async () => {
    const { received, mail } = await setUp({ tls: 'starttls', user: 'keys', password: 'right' })
    // the server offers STARTTLS with a certificate that nobody signed
    await expect(mail.send(message)).rejects.toThrow()
    expect(received).toEqual([])
  })

  it('a refusal, for now or for good, is an error: the queue tries again', async () => {
    const { mail } = await setUp({}, 451)
    await expect(mail.send(message)).rejects.toThrow()
    const { mail: wrong } = await setUp({ user: 'keys', password: 'wrong' })
    await expect(wrong.send(message)).rejects.toThrow()
  })
})
