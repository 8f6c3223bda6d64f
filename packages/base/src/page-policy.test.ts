import { expect, it } from 'vitest'
import { isStrictPagePolicy } from './page-policy.ts'

const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; require-trusted-types-for 'script'"

it('WEB-1 takes the policy of the web app and nothing weaker', () => {
  expect(isStrictPagePolicy(strict)).toBe(true)
  for (const weaker of [
    '',
    "default-src 'none'",
    strict.replace("'self' 'wasm", "'self' https://evil.example 'wasm"),
    strict.replace("'wasm-unsafe-eval'", "'unsafe-inline'"),
    strict.replace("default-src 'none'", 'default-src *'),
    strict.replace("require-trusted-types-for 'script'", 'require-trusted-types-for'),
    `${strict}; script-src-elem *`,
    `${strict}; script-src-attr 'unsafe-inline'`,
    // the first of two counts, so that a strict one behind a weak one is worth nothing
    `script-src *; ${strict}`,
    `${strict}, script-src *`,
  ])
    expect([weaker, isStrictPagePolicy(weaker)]).toEqual([weaker, false])
  expect(isStrictPagePolicy(`${strict}; script-src *`)).toBe(true)
})
