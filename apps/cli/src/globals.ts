/** The options that every command takes, read before anything else so that even a usage error is said in the wanted way. */
import { resolve } from 'node:path'
import { defaultHome } from './home.ts'
import type { OptionSpecs } from './command.ts'

export const globalOptions = {
  json: { type: 'boolean', about: 'option.json' },
  home: { type: 'string', value: 'FOLDER', about: 'option.home', completes: 'folder' },
  lang: { type: 'string', value: 'nb|en', about: 'option.lang', completes: ['nb', 'en'] },
  help: { type: 'boolean', about: 'option.help' },
} as const satisfies OptionSpecs

export interface Globals {
  readonly json: boolean
  readonly help: boolean
  readonly home: string
  /** as written, not yet checked */
  readonly language: string | undefined
}

/** Deliberately forgiving: what is wrong with the line is said by parse-line.ts afterwards. */
export function readGlobals(argv: readonly string[], env: NodeJS.ProcessEnv): Globals {
  const end = argv.indexOf('--')
  const line = end === -1 ? argv : argv.slice(0, end)
  const valueOf = (name: string): string | undefined => {
    const at = line.findLastIndex((word) => word === name || word.startsWith(`${name}=`))
    const word = line[at]
    return word === undefined || word === name ? line[at + 1] : word.slice(name.length + 1)
  }
  const valueIfGiven = (name: string): string | undefined =>
    line.some((word) => word === name || word.startsWith(`${name}=`)) ? valueOf(name) : undefined
  const home = valueIfGiven('--home') || env['NOKKEL_HOME']
  return {
    json: line.includes('--json'),
    help: line.includes('--help') || line.includes('-h'),
    home: home === undefined || home === '' ? defaultHome(env, process.platform) : resolve(home),
    language: valueIfGiven('--lang'),
  }
}
