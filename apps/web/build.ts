/**
 * `npm run build`: builds the web app unless dist/ was built from these very sources. The stamp is a hash over every file that can reach the
 * bundle, so `npm start` costs nothing when nothing has changed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { build } from 'vite'
import { loadMessages } from '@nokkel/messages/app'
import { makeRelease, releaseId, withIntegrity } from './release.ts'

const here = import.meta.dirname
const root = join(here, '../..')
const stampFile = join(here, 'dist', '.stamp')
const reachable = ['apps/web/src', 'apps/web/public', ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/src`)]
const single = [
  'apps/web/index.html',
  'apps/web/vite.config.ts',
  'apps/web/build.ts',
  'apps/web/release.ts',
  'apps/web/package.json',
  'package-lock.json',
]

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(path)
    return /\.test\.tsx?$/.test(entry.name) ? [] : [path]
  })
}

function stampOfSources(): string {
  const hash = createHash('sha256')
  const files = [
    ...reachable
      .map((folder) => join(root, folder))
      .filter(existsSync)
      .flatMap(filesUnder),
    ...single.map((file) => join(root, file)),
  ]
  for (const file of files.sort())
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

/** The few sentences that the service worker says, so that it need not hold them all. */
async function noticeWords(): Promise<Record<string, Record<string, readonly [string, string]>>> {
  const kinds = ['join-request', 'device-added', 'device-removed', 'device-recovered', 'keychain-reset', 'other'] as const
  const languages = await Promise.all((['nb', 'en'] as const).map((language) => loadMessages(language)))
  return Object.fromEntries(
    languages.map((words) => [
      words.language,
      Object.fromEntries(kinds.map((kind) => [kind, [words.t('web.app'), words.t(`web.notice.${kind}`)] as const])),
    ]),
  )
}

/** Last, because it holds the hash of every other file, and the page's hash holds those of the scripts that it names. */
async function buildServiceWorker(dist: string): Promise<void> {
  const { '/service-worker.js': _, ...files } = makeRelease(dist, '').files
  const hashes = Object.fromEntries(Object.entries(files).map(([path, { integrity }]) => [path, integrity]))
  await build({
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: { RELEASE: JSON.stringify({ id: releaseId(files), files: hashes }), NOTICES: JSON.stringify(await noticeWords()) },
    build: {
      target: 'es2024',
      outDir: dist,
      emptyOutDir: false,
      lib: { entry: join(here, 'src/service-worker/service-worker.ts'), formats: ['es'], fileName: () => 'service-worker.js' },
    },
  })
}

// whoever starts this (a test runner sets `test`) must not get React's development build into it
process.env['NODE_ENV'] = 'production'

const lock = join(here, '.building')
const lockMs = 300_000
/** Tests start several builds at once, and each would take the files of the others away. A lock left by one that was killed grows old. */
async function takeTurn(): Promise<void> {
  for (;;) {
    try {
      mkdirSync(lock)
      process.once('exit', () => rmdirSync(lock))
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
      if (Date.now() - since > lockMs) rmdirSync(lock)
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

await takeTurn()
const stamp = stampOfSources()
if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) {
  console.log('The web app is up to date.')
} else {
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: process.argv.includes('--sizes') ? 'info' : 'warn' })
  const dist = join(here, 'dist')
  const page = join(dist, 'index.html')
  writeFileSync(page, withIntegrity(readFileSync(page, 'utf8'), dist))
  await buildServiceWorker(dist)
  const { version } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8')) as { version: string }
  writeFileSync(join(dist, 'release.json'), `${JSON.stringify(makeRelease(dist, version), null, 1)}\n`)
  writeFileSync(stampFile, stamp)
  console.log('The web app is built.')
}
