import { expect, it } from 'vitest'
import { isPublicAddress, publicLookup, readEndpoint } from './endpoint-guard.ts'

it('PUSH-2 takes addresses of push services and nothing of its own network', () => {
  for (const good of ['https://updates.push.services.mozilla.com/wpush/v2/abc', 'https://fcm.googleapis.com/fcm/send/x:y'])
    expect(readEndpoint(good, 'public')?.href).toBe(good)
  for (const bad of [
    'http://push.example/x',
    'https://127.0.0.1/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://[::1]/x',
    'https://[::ffff:10.0.0.1]/x',
    'https://localhost/x',
    'https://push/x',
    'https://printer.local/x',
    'https://db.internal/x',
    'https://push.example:8443/x',
    'https://user:word@push.example/x',
    'https://push.example/x#y',
    'file:///etc/passwd',
    'gopher://push.example',
    'not an address',
    `https://push.example/${'x'.repeat(2_048)}`,
  ])
    expect([bad, readEndpoint(bad, 'public')]).toEqual([bad, null])
})

it('PUSH-2 knows a public address from one that is not', () => {
  for (const address of ['8.8.8.8', '142.250.74.10', '2a00:1450:400f::200a'])
    expect([address, isPublicAddress(address)]).toEqual([address, true])
  for (const address of [
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.53',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '64:ff9b::8.8.8.8',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    'name',
  ])
    expect([address, isPublicAddress(address)]).toEqual([address, false])
})

it('PUSH-2 a name that leads to a private address is not connected to', async () => {
  const found = await new Promise((resolve) => publicLookup('localhost', { all: false }, (error) => resolve(error?.code ?? null)))
  expect(found).toBe('ENOTFOUND')
})
