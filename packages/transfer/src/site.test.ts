import { describe, expect, it } from 'vitest'
import { siteHost, splitSites } from './site.ts'

describe('siteHost', () => {
  it.each([
    ['https://Login.Example.com:8443/a?b#c', 'login.example.com'],
    ['example.com/path', 'example.com'],
    ['http://kari:pw@example.com', 'example.com'],
    ['https://blåbær.no', 'blåbær.no'],
    ['http://[2001:db8::1]:80/', '[2001:db8::1]'],
    ['android://c29tZSBoYXNo==@com.example.app/', 'com.example.app'],
    ['androidapp://com.example.app', 'com.example.app'],
    ['192.168.1.1', '192.168.1.1'],
    ['  ', undefined],
    ['https://', undefined],
  ])('%s', (site, host) => {
    expect(siteHost(site)).toBe(host)
  })
})

describe('splitSites', () => {
  it.each([
    ['https://a.example,https://b.example/x', ['https://a.example', 'https://b.example/x']],
    ['https://a.example\r\n\nhttps://b.example', ['https://a.example', 'https://b.example']],
    ['a.example, b.example', ['a.example', 'b.example']],
    ['https://a.example,b.example', ['https://a.example', 'b.example']],
    ['https://a.example/?q=1,2', ['https://a.example/?q=1,2']],
    ['https://a.example/?q=1,2,androidapp://com.example', ['https://a.example/?q=1,2', 'androidapp://com.example']],
    [' ', []],
  ])('%s', (cell, sites) => {
    expect(splitSites(cell)).toEqual(sites)
  })
})
