/**
 * Is a content security policy one under which the web app's page runs nothing but its own files (SPEC WEB-1)? Asked by the command line
 * of a server, and by the service worker of every file before it keeps it. Knows nothing else of policies.
 */
const scriptSources = new Set(["'self'", "'wasm-unsafe-eval'"])
const trustedTypes = "'script'"

/** The first of several directives of one name counts, as in a browser (CSP 3, 2.2.1). */
export function isStrictPagePolicy(policy: string): boolean {
  const directives = new Map<string, readonly string[]>()
  // a comma begins another policy, which could only be stricter; here it is no policy of ours
  if (policy.includes(',')) return false
  for (const part of policy.split(';')) {
    const [name, ...values] = part.trim().split(/\s+/)
    if (name !== undefined && name !== '' && !directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), values)
  }
  const only = (name: string, values: ReadonlySet<string>): boolean => directives.get(name)?.every((value) => values.has(value)) === true
  return (
    only('default-src', new Set(["'none'"])) &&
    only('script-src', scriptSources) &&
    only('require-trusted-types-for', new Set([trustedTypes])) &&
    (directives.get('require-trusted-types-for') ?? []).includes(trustedTypes) &&
    // these would take the place of script-src
    ['script-src-elem', 'script-src-attr', 'worker-src'].every((name) => !directives.has(name) || only(name, new Set(["'self'"])))
  )
}
