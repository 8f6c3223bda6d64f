/**
 * Where a request comes from, as people are shown it: a prefix of the address, never the address itself, because it is kept in the
 * activity log. Pure.
 */
import { isIPv4, isIPv6 } from 'node:net'

/** IPv6 written out as eight groups; undefined for what is no IPv6 address. */
function groupsOf(address: string): string[] | undefined {
  if (!isIPv6(address)) return undefined
  const [plain = ''] = address.split('%')
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const gap = tail === undefined ? [] : Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  return [...left, ...gap, ...right].map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
}

/** An IPv4 address that arrived over an IPv6 socket is an IPv4 address. */
export function plainAddress(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1]
  return mapped !== undefined && isIPv4(mapped) ? mapped : address
}

export function placeOf(address: string, country: string | undefined): string {
  if (country !== undefined && /^[A-Z]{2}$/.test(country)) return country
  const plain = plainAddress(address)
  if (isIPv4(plain)) return `${plain.split('.').slice(0, 3).join('.')}.0/24`
  const groups = groupsOf(plain)
  return groups === undefined ? '' : `${groups.slice(0, 3).join(':')}::/48`
}

/** What a limit counts as one caller: an IPv4 address, or the /64 that one IPv6 household has. */
export function callerOf(address: string): string {
  const plain = plainAddress(address)
  return groupsOf(plain)?.slice(0, 4).join(':') ?? plain
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address)
  return plain === '::1' || plain.startsWith('127.')
}
