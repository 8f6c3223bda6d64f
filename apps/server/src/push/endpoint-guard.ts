/**
 * Where a notice may be sent (Web Push, RFC 8030). The address comes from a device, so from outside: without this the server could be made
 * to ask things of its own network. HTTPS to a public name on the usual port; what the name leads to is looked at once and then connected
 * to, so that it cannot be another at the second look.
 */
import { lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const endpointCharacters = 2_048

const closed = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  closed.addSubnet(network, prefix, 'ipv4')
/** Of IPv6 only what is given out to the public network, and of that nothing that holds an IPv4 address inside. */
const open6 = new BlockList()
open6.addSubnet('2000::', 3, 'ipv6')
const inside6 = new BlockList()
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const)
  inside6.addSubnet(network, prefix, 'ipv6')

export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !closed.check(address, 'ipv4')
  return family === 6 && open6.check(address, 'ipv6') && !inside6.check(address, 'ipv6')
}

/** `any`: also plain HTTP, other ports and private networks, for tests and for push services within the house. */
export type EndpointRule = 'public' | 'any'

/** The parsed address, or null for one that nothing is sent to. Names are looked up later: see `publicLookup`. */
export function readEndpoint(text: string, rule: EndpointRule): URL | null {
  if (text.length > endpointCharacters || !URL.canParse(text)) return null
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || url.hash !== '') return null
  if (rule === 'any') return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
  if (url.protocol !== 'https:' || url.port !== '') return null
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // a number is nobody's push service; a name without a dot is one of this network
  return isIP(host) !== 0 || !host.includes('.') || /\.(?:local|localhost|internal|home|lan)\.?$/.test(host) ? null : url
}

/** For the connection itself: what it connects to is what was looked at. All addresses of a name must be public. */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0)
    const [first] = addresses
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address)))
      return callback(Object.assign(new Error('not a public address'), { code: 'ENOTFOUND' }), '', 0)
    if (options.all === true) callback(null, addresses)
    else callback(null, first.address, first.family)
  })
}
