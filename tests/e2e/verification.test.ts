/**
 * SMS, number, two factors and support (F1 to F5, F8, F9, H1) with real processes: the server, command lines, a message centre that speaks SMPP, and
 * a mail server. The codes that people type here came over the wire.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import smpp, { type Pdu, type SmppServer } from 'smpp'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCommand } from 'nokkel-server/process/testing'
import { passcode, until, World, type Device, type Ran, type Server } from './harness.ts'

const email = 'sms@example.org'
const number = '+4799887766'

interface Text {
  readonly to: string
  readonly text: string
}

/** What SMPP carried, as the telephone would show it. */
function textOf({ short_message: message }: Pdu): string {
  const text = typeof message === 'string' ? message : message?.message
  return typeof text === 'string' ? text : Buffer.from(text ?? []).toString('latin1')
}

describe('verification', () => {
  const world = new World()
  const texts: Text[] = []
  const mails: string[] = []
  /** what the message centre answers next */
  let status = 0
  let centre: SmppServer
  let post: SMTPServer
  let server: Server
  let pc: Device
  const operator = (name: string): string => join(world.folder, `${name}.key`)

  beforeAll(async () => {
    centre = smpp.createServer((session) => {
      session.on('error', () => undefined)
      session.on('bind_transceiver', (pdu: Pdu) => session.send(pdu.response({ command_status: pdu.password === 'hemmelig' ? 0 : 0x0e })))
      session.on('submit_sm', (pdu: Pdu) => {
        if (status === 0) texts.push({ to: `+${pdu.destination_addr}`, text: textOf(pdu) })
        const id = `m${texts.length}`
        session.send(pdu.response({ command_status: status, message_id: id }))
        if (status === 0) session.deliver_sm({ esm_class: 4, short_message: `id:${id} sub:001 dlvrd:001 stat:DELIVRD err:000 text:` })
      })
      session.on('unbind', (pdu: Pdu) => session.send(pdu.response()))
    })
    await new Promise<void>((resolve) => centre.listen(0, '127.0.0.1', resolve))
    post = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onData(stream, _session, done) {
        let data = ''
        stream.on('data', (chunk: Buffer) => (data += chunk.toString('utf8')))
        stream.on('end', () => {
          mails.push(data)
          done()
        })
      },
    })
    await new Promise<void>((resolve) => post.listen(0, '127.0.0.1', () => resolve()))
    const entries = []
    for (const name of ['kari', 'ola']) {
      const made = await runCommand(['operator', 'init', '--name', name, '--operator', operator(name)])
      entries.push(JSON.parse(made.stdout) as unknown)
    }
    const operators = join(world.folder, 'operators.json')
    writeFileSync(operators, JSON.stringify(entries))
    const address = post.server.address()
    server = await world.server({
      env: {
        NOKKEL_SMS: 'smpp',
        NOKKEL_SMPP_HOST: '127.0.0.1',
        NOKKEL_SMPP_PORT: String(centre.address().port),
        NOKKEL_SMPP_TLS: 'off',
        NOKKEL_SMPP_SYSTEM_ID: 'nokkel',
        NOKKEL_SMS_SECRET: 'hemmelig',
        NOKKEL_PUBLIC_URL: 'https://keys.example.org',
        NOKKEL_MAIL: 'smtp',
        NOKKEL_MAIL_HOST: '127.0.0.1',
        NOKKEL_MAIL_PORT: String(typeof address === 'object' && address !== null ? address.port : 0),
        NOKKEL_MAIL_TLS: 'none',
        NOKKEL_OPERATORS: operators,
      },
    })
    pc = world.device('PC')
    await pc.ok(['account', 'create', '--server', server.url, '--email', email, '--phone', number, '--device-name', 'PC'])
    await pc.addPassword('Bank', 'hemmelig 1')
  })
  afterAll(async () => {
    await world.end()
    centre.close()
    await new Promise<void>((resolve) => post.close(() => resolve()))
  })

  const codes = (to: string): string[] => texts.filter((text) => text.to === to).flatMap(({ text }) => /#(\d{6})$/.exec(text)?.[1] ?? [])

  /** Runs a command that has a code sent to `to`, and types the code when it came. */
  async function typing(device: Device, args: readonly string[], to: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const known = codes(to).length
    const running = device.start(args, { holdInput: true, env })
    await Promise.race([until(async () => codes(to).length > known, `a code to ${to}`), running.done])
    running.child.stdin?.end(`${codes(to).at(-1) ?? ''}\n`)
    return await running.done
  }

  /** The pace of half a minute is the server's business; here its memory of when it last sent is set back. */
  function letTimePass(): void {
    const database = new DatabaseSync(join(server.data, 'nokkel.db'))
    database.exec('pragma busy_timeout = 5000; update sms_sends set time_ms = time_ms - 4000000')
    database.close()
  }

  it('F4, F8: a test message arrives in the person’s language, in the form that browsers read, and is typed', async () => {
    const ran = await typing(pc, ['number', 'test'], number)
    expect([ran.code, ran.json]).toEqual([0, { arrives: true }])
    expect(texts[0]?.text).toMatch(/^(\d{6}) er verifiseringskoden din .*\n\n@keys\.example\.org #\1$/s)
    expect(ran.stderr).toContain('66')
    expect(ran.stderr).not.toContain('998877')
  })

  it('F8: soon again is refused with the time to wait; a gateway that says no is told with its reason', async () => {
    expect((await pc.run(['number', 'test'], { input: '123456' })).json.error).toMatchObject({ code: 'rate-limited' })
    letTimePass()
    status = 0x0b
    const running = pc.start(['number', 'test'], { holdInput: true, json: false })
    let told = ''
    running.child.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()))
    await until(async () => told.includes('66'), 'the message was handed over')
    await new Promise((resolve) => setTimeout(resolve, 500))
    running.child.stdin?.end('123456\n')
    expect((await running.done).stderr).toContain('the number is not valid')
    status = 0
    letTimePass()
  })

  it('F2, F9: all devices lost but the number: SMS code, then the passcode of a device; the others hear of it, and so does the mail box', async () => {
    const phone = world.device('Mobil')
    await pc.ok(['sync'])
    await phone.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Mobil'])
    const kinds = async (): Promise<string[]> => {
      await pc.ok(['sync'])
      return ((await pc.ok(['status'])).notices as { kind: string }[]).map(({ kind }) => kind)
    }
    expect(await kinds()).toContain('new-sign-in')
    const ran = await typing(phone, ['recover', '--with', 'passcode'], number, { NOKKEL_DEVICE_PASSCODE: passcode })
    expect(ran.stderr + ran.stdout).not.toMatch(/"error"/)
    expect(ran.json).toMatchObject({ recovered: true, items: 1 })
    // that it signed in is no news any more: it is one of the devices, and how it became one is told
    expect((await kinds()).toSorted()).toEqual(['device-recovered', 'recovery-verified'])
    await until(async () => mails.filter((mail) => mail.includes(email)).length >= 3, 'three mails')
    expect(mails.join('\n')).not.toMatch(/#\d{6}/)
    letTimePass()
  })

  it('F1, F3: off needs passcode and SMS code; the security code then brings a device back; other devices verify who did it', async () => {
    expect((await pc.run(['two-factor', 'off'], { env: { NOKKEL_PASSCODE: '111111' }, input: '' })).code).not.toBe(0)
    expect((await typing(pc, ['two-factor', 'off'], number)).json).toEqual({ on: false })
    expect(await pc.ok(['two-factor', 'show'])).toMatchObject({ on: false, verified: true })
    const phone = world.device('Mobil')
    await phone.ok(['sync'])
    expect(await phone.ok(['two-factor', 'show'])).toMatchObject({ on: false, verified: true })
    const { notices } = await phone.ok(['status'])
    expect((notices as { kind: string; params: { by: string } }[]).find(({ kind }) => kind === 'two-factor-off')?.params.by).toBe('PC')
    letTimePass()
    await pc.ok(['security-code', 'set'], { env: { NOKKEL_SECURITY_CODE: '738204' } })
    const tablet = world.device('Nettbrett')
    await tablet.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Nettbrett'])
    const back = await typing(tablet, ['recover', '--with', 'security-code'], number, { NOKKEL_SECURITY_CODE: '738204' })
    expect(back.json).toMatchObject({ recovered: true, items: 1 })
    expect(await pc.ok(['two-factor', 'on'])).toEqual({ on: true })
    expect(await pc.ok(['two-factor', 'show'])).toMatchObject({ on: true, verified: true })
    letTimePass()
  })

  it('F4: the number changes by the code that came to the new one; the old one and every device hear of it', async () => {
    const next = '+4740506070'
    expect((await typing(pc, ['number', 'change', '+47 40 50 60 70'], next)).json).toEqual({ numberEnd: '70' })
    await until(async () => texts.some(({ to, text }) => to === number && text.includes('ble endret')), 'the old number hears')
    const phone = world.device('Mobil')
    await phone.ok(['sync'])
    const { notices } = await phone.ok(['status'])
    expect((notices as { kind: string }[]).map(({ kind }) => kind)).toContain('number-changed')
    expect(await pc.ok(['number', 'show'])).toMatchObject({ number: next })
    letTimePass()
  })

  it('F2, VER-11: one more trusted number, on another person’s telephone; a new device gets its code there', async () => {
    const other = '+4740506090'
    expect((await typing(pc, ['number', 'add', '+47 40 50 60 90'], other)).json).toEqual({ added: '90' })
    expect(await pc.ok(['number', 'show'])).toMatchObject({ number: '+4740506070', further: [{ number: other, end: '90' }] })
    await until(async () => texts.some(({ to, text }) => to === '+4740506070' && text.includes('ble lagt til')), 'one’s own number hears')
    letTimePass()
    const found = world.device('Ny')
    await found.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Ny'])
    expect((await found.run(['recover', '--with', 'passcode', '--number', '91'], { input: '' })).json.error).toMatchObject({
      code: 'not-found',
    })
    const back = await typing(found, ['recover', '--with', 'passcode', '--number', '90', '--device', 'PC'], other, {
      NOKKEL_DEVICE_PASSCODE: passcode,
    })
    expect(back.json).toMatchObject({ recovered: true, items: 1 })
    await pc.ok(['sync'])
    expect(((await pc.ok(['status'])).notices as { kind: string }[]).map(({ kind }) => kind)).toContain('number-added')
    expect(await pc.ok(['number', 'remove', '90'])).toEqual({ removed: '90' })
    expect((await pc.run(['number', 'remove', '90'])).json.error).toMatchObject({ code: 'not-found' })
    expect(await pc.ok(['number', 'show'])).toMatchObject({ further: [] })
    letTimePass()
  })

  it('F5, H1: two operators and their keys; a device sees the case and stops it; the audit log is whole, and tells when it is not', async () => {
    const asked = ['--server', server.url, '--operator']
    const opened = await runCommand(['support', 'open', '--email', email, '--number', '+4741414141', ...asked, operator('kari')])
    const { caseId } = JSON.parse(opened.stdout) as { caseId: string }
    const alone = await runCommand(['support', 'approve', caseId, ...asked, operator('kari')])
    expect([alone.status, alone.stderr]).toEqual([1, expect.stringContaining('another operator')])
    expect((await runCommand(['support', 'approve', caseId, ...asked, operator('ola')])).status).toBe(0)
    expect(await pc.ok(['number', 'show'])).toMatchObject({ supportCase: { state: 'waiting' } })
    await pc.ok(['sync'])
    expect(((await pc.ok(['status'])).notices as { kind: string }[]).map(({ kind }) => kind)).toContain('support-waiting')
    expect(await pc.ok(['number', 'stop-support'])).toEqual({ stopped: true })
    const listed = JSON.parse((await runCommand(['support', 'list', ...asked, operator('ola')])).stdout) as { cases: object[] }
    expect(listed.cases).toMatchObject([{ caseId, state: 'stopped', openedBy: 'kari', approvedBy: 'ola' }])
    const audit = () => runCommand(['audit', 'verify', '--data', server.data])
    expect(await audit()).toMatchObject({ status: 0, stdout: expect.stringContaining('"entries": 3') as string })
    const database = new DatabaseSync(join(server.data, 'nokkel.db'))
    database.exec('pragma busy_timeout = 5000; delete from audit_log where n = 3')
    database.close()
    expect(await audit()).toMatchObject({ status: 1, stdout: expect.stringContaining('cut') as string })
  })

  it('A42: no code, number or secret in the server’s log', () => {
    for (const secret of ['hemmelig', number, '40506070', '40506090', email, ...codes(number)]) expect(server.log).not.toContain(secret)
  })
})
