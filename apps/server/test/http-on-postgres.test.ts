/** Every test of the HTTP interface again, with PostgreSQL below instead of SQLite. */
import { afterAll } from 'vitest'
import { useDatabases } from '../src/testing/test-server.ts'
import { PostgresInstance } from '../src/testing/postgres.ts'

const postgres = await PostgresInstance.start()
afterAll(() => postgres.dispose())
useDatabases(async () => ({ url: postgres.url(await postgres.createDatabase()), passwordFile: postgres.passwordFile }))

await import('../src/http/accounts.test.ts')
await import('../src/http/circle.test.ts')
await import('../src/http/hostile-bodies.test.ts')
await import('../src/http/join.test.ts')
await import('../src/http/lifecycle.test.ts')
await import('../src/http/sign-in.test.ts')
await import('../src/http/vault-log.test.ts')
await import('../src/live/endpoint.test.ts')
await import('../src/site-data/site-data.test.ts')
