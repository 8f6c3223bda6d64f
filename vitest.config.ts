/**
 * Two test projects. `unit` runs beside the sources and in every `npm run verify`; `system` starts real servers and clients
 * (tests/**) and runs in `npm test`. Timeouts bound a hang, they are no performance goal: tests do not depend on clock speed.
 */
import { defineConfig } from 'vitest/config'

/** whole programs started as a person would: minutes, so not before every commit */
const programs = 'apps/*/test/**/*.test.ts'
const contracts = 'tests/contract/**/*.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.{ts,tsx}', 'tools/**/*.test.ts', contracts],
          exclude: ['**/node_modules/**', '**/dist/**', programs],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // the runner would leave a core to itself, which needs next to none of it: of two cores that is half of the machine
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'system',
          include: ['tests/**/*.test.ts', programs],
          exclude: ['**/node_modules/**', contracts],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          // each file starts servers and clients of its own: two at a time suit a machine of two cores
          maxWorkers: 2,
        },
      },
    ],
  },
})
