/** Addresses as people and limits see them. */
import { expect, test } from 'vitest'
import { callerOf, isLoopback, placeOf } from './place.ts'

test.each([
  ['203.0.113.77', undefined, '203.0.113.0/24', '203.0.113.77'],
  ['::ffff:203.0.113.77', undefined, '203.0.113.0/24', '203.0.113.77'],
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1::/48', '2001:db8:1:2'],
  ['2001:DB8::1', undefined, '2001:db8:0::/48', '2001:db8:0:0'],
  ['::1', undefined, '0:0:0::/48', '0:0:0:0'],
  ['fe80::1%eth0', undefined, 'fe80:0:0::/48', 'fe80:0:0:0'],
  ['203.0.113.77', 'NO', 'NO', '203.0.113.77'],
  ['203.0.113.77', 'Norway<script>', '203.0.113.0/24', '203.0.113.77'],
  ['not an address', undefined, '', 'not an address'],
])('%s (%s)', (address, country, place, caller) => {
  expect(placeOf(address, country)).toBe(place)
  expect(callerOf(address)).toBe(caller)
})

test('loopback', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '10.0.0.1', ''].map(isLoopback)).toEqual([
    true,
    true,
    true,
    true,
    false,
    false,
  ])
})
