/** The pages of an open keychain, by their names in the address. A page that is added here has to be visited by tests/e2e/web-every-screen.test.ts. */
export const pages = ['items', 'devices', 'settings', 'activity', 'import', 'recovery', 'security', 'help'] as const
export type Page = (typeof pages)[number]
