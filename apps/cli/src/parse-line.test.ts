import { NokkelError } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { commandNames, findLoader } from './command-table.ts'
import { readGlobals } from './globals.ts'
import { findCommand, parseCommand } from './parse-line.ts'

function find(argv: readonly string[]) {
  return findCommand(argv, readGlobals(argv, {}))
}

async function parse(...argv: string[]) {
  const found = find(argv)
  if (found === undefined) throw new Error('no command')
  return { name: found.name, ...parseCommand(found, await found.load()) }
}

async function refusal(...argv: string[]): Promise<NokkelError> {
  try {
    await parse(...argv)
  } catch (error) {
    if (error instanceof NokkelError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('finding the command', () => {
  it.each([
    [['list'], 'list'],
    [['devices'], 'devices list'],
    [['devices', '--json'], 'devices list'],
    [['devices', 'list'], 'devices list'],
    [['devices', 'approve', 'abcd'], 'devices approve'],
    [['--json', 'devices', '--home', 'x', 'remove', 'Mac'], 'devices remove'],
    [['--home=/x', '--lang', 'nb', 'account', 'create'], 'account create'],
    [['passcode', 'change'], 'passcode change'],
  ])('%j is %s', (argv, name) => {
    expect(find(argv)?.name).toBe(name)
  })

  it.each([
    [['frob'], 'unknown-command'],
    [['devices', 'frob'], 'unknown-command'],
    [['account'], 'missing-argument'],
    [['--frob'], 'unknown-option'],
    [['constructor'], 'unknown-command'],
  ])('%j is refused as %s', (argv, reason) => {
    expect(() => find(argv)).toThrow(expect.objectContaining({ code: 'usage', params: expect.objectContaining({ reason }) as unknown }))
  })

  it('is content with no command at all', () => {
    expect(find([])).toBeUndefined()
    expect(find(['--json'])).toBeUndefined()
  })

  it('loads every command by its name', async () => {
    for (const name of commandNames) expect((await findLoader(name)?.())?.command, name).toBeDefined()
  })
})

describe('parsing arguments', () => {
  it('takes options before, between and after the words', async () => {
    expect(await parse('--json', 'list', '--kind', 'card', 'two', '--limit=5', 'words')).toMatchObject({
      name: 'list',
      positionals: ['two', 'words'],
      values: { kind: 'card', limit: '5', deleted: false },
    })
  })

  it('collects repeated options and keeps the last of single ones', async () => {
    const { values } = await parse('add', 'password', '--site', 'a', '--site=b', '--title', 'x', '--title', 'y')
    expect(values).toMatchObject({ site: ['a', 'b'], title: 'y', tag: [] })
  })

  it('takes everything after -- as it is, and a hyphen as a value', async () => {
    expect((await parse('show', '--', '--json')).positionals).toEqual(['--json'])
    expect(readGlobals(['show', '--', '--json'], {}).json).toBe(false)
    expect((await parse('add', 'note', '--field', 'notes=-')).values['field']).toEqual(['notes=-'])
    expect((await parse('import', '-')).positionals).toEqual(['-'])
  })

  it.each([
    [['show'], 'missing-argument'],
    [['show', 'a', 'b', 'c'], 'too-many-arguments'],
    [['delete', 'a', 'b'], 'too-many-arguments'],
    [['list', '--kind'], 'option-needs-value'],
    [['list', '--kind', '--json'], 'option-needs-value'],
    [['list', '--deleted=yes'], 'option-takes-no-value'],
    [['list', '--frob'], 'unknown-option'],
    [['list', '--__proto__=x'], 'unknown-option'],
    [['list', '-x'], 'unknown-option'],
  ])('%j is refused as %s', async (argv, reason) => {
    expect(await refusal(...argv)).toMatchObject({ code: 'usage', params: { reason } })
  })

  it.each(['--password=tr0ub4dor', '--passcode=tr0ub4dor', '--totp=tr0ub4dor', '--cvv=tr0ub4dor', '--PASSWORD=tr0ub4dor'])(
    'a secret in %s is refused and never repeated',
    async (option) => {
      const error = await refusal('add', 'password', option)
      expect(error.code).toBe('secret-in-argument')
      expect(JSON.stringify(error.params) + error.message).not.toContain('tr0ub4dor')
    },
  )

  it('never repeats a word that it did not expect: it may be a secret', async () => {
    const error = await refusal('add', 'password', 'tr0ub4dor')
    expect(JSON.stringify(error.params)).not.toContain('tr0ub4dor')
  })
})

describe('globals', () => {
  it('prefers --home over NOKKEL_HOME, and either over the default', () => {
    expect(readGlobals(['--home', '/a'], { NOKKEL_HOME: '/b' }).home).toBe('/a')
    expect(readGlobals([], { NOKKEL_HOME: '/b' }).home).toBe('/b')
    expect(readGlobals([], { NOKKEL_HOME: '' }).home).toMatch(/nokkel$/i)
  })
})
