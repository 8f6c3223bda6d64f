/** What the SMS attacks have in common: a server with a clock of its own behind a proxy, and the messages that it would have sent. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createPerson, Device, signIn, type Person } from 'nokkel-server/testing'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'

export interface SmsWorld {
  readonly server: TestServer
  readonly now: () => number
  readonly later: (ms: number) => void
  /** text messages so far, oldest first */
  messages(): Promise<{ readonly to: string; readonly text: string }[]>
  codeTo(number: string): Promise<string>
  person(number: string | null): Promise<Person>
  waiting(of: Person): Promise<Device>
  /** a signed request, as from `address` */
  ask(device: Device, name: Parameters<Device['call']>[0], json: unknown, address?: string): ReturnType<Device['call']>
}

export async function startSmsWorld(sms: Parameters<typeof startTestServer>[0] = {}): Promise<SmsWorld> {
  let offsetMs = 0
  const now = (): number => Date.now() + offsetMs
  const server = await startTestServer({ trustProxy: true, ...sms }, { clock: { nowMs: now } })
  const messages = async () => {
    await server.services.verification.settle()
    const text = readFileSync(join(server.folder, 'outbox', 'messages.jsonl'), 'utf8').trim()
    const all = text.split('\n').map((line) => JSON.parse(line) as { channel: string; to: string; text: string })
    return all.filter(({ channel }) => channel === 'sms')
  }
  return {
    server,
    now,
    later: (ms) => void (offsetMs += ms),
    messages,
    codeTo: async (number) => /#(\d{6})$/.exec((await messages()).findLast(({ to }) => to === number)?.text ?? '')?.[1] ?? '',
    person: (number) => createPerson(server.url, { phone: number }),
    async waiting(of) {
      const device = new Device(server.url)
      await signIn(device, of.email, of.password)
      return device
    },
    ask: (device, name, json, address) =>
      device.call(name, { json, proofTimeMs: now(), ...(address !== undefined && { headers: { 'x-forwarded-for': address } }) }),
  }
}

export function wrongOf(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0')
}
