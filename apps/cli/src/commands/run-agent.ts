/** Hidden: the agent's own process (see agent/serve-agent.ts). Stays until it locks. */
import { defineCommand } from '../command.ts'
import { readHandover } from '../background/handover.ts'
import { sayReady } from '../background/start-background.ts'
import { serveAgent } from '../agent/serve-agent.ts'

export const command = defineCommand({
  async run({ env }) {
    const handover = await readHandover()
    await serveAgent({ home: handover.text('home'), idleMs: handover.number('idleMs'), key: handover.secret, env })
    await sayReady()
    await new Promise<never>(() => {}) // serveAgent ends the process
  },
})
