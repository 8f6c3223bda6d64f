/**
 * Our own vectors: every case through the public functions, the files made anew byte for byte, and a second decoder in Python that
 * shares no code with us.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSuite, suiteFiles, vectorsFolder } from './own-vectors/suites.ts'

const leastCases = 10
const python = ['python3', 'python'].find((command) =>
  /^3\.\d+/.test(spawnSync(command, ['-c', 'import platform; print(platform.python_version())'], { encoding: 'utf8' }).stdout ?? ''),
)

/** One line on the console where there is no Python. */
function noPython(): boolean {
  if (python === undefined) console.info('left out: the second decoder of the vectors (python3 not found)')
  return python === undefined
}

describe('own vectors', () => {
  it.each(suiteFiles)('$file: every case comes out as it says', ({ file, check }) => {
    expect(check(readSuite(file))).toBeGreaterThanOrEqual(leastCases)
  })

  it.each(suiteFiles)('$file: made again it is the same file', ({ file, make }) => {
    // on a difference: node tests/interop/own-vectors/suites.ts, and a look at what changed in the format
    expect(make() === readSuite(file), `${file} is what its generator gives`).toBe(true)
  })

  it('holds every file of the folder', () => {
    expect(
      readdirSync(vectorsFolder)
        .filter((name) => name.endsWith('.json'))
        .sort(),
    ).toEqual(suiteFiles.map(({ file }) => file).sort())
  })

  // Python is not everywhere; with it, the check must see every file and say how much it saw
  it.skipIf(noPython())('agrees with a decoder in another language', () => {
    const { status, stdout, stderr } = spawnSync(python as string, [join(import.meta.dirname, 'check_vectors.py'), vectorsFolder], {
      encoding: 'utf8',
    })
    expect(`${stderr}${status}`).toBe('0')
    for (const { file } of suiteFiles) expect(stdout).toMatch(new RegExp(`^${file}: [1-9][0-9]* checked`, 'm'))
  })
})
