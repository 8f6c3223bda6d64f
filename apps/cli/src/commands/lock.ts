/** `nokkel lock`: ends the agents of this home. Without one every command asks for the passcode anyway. */
import { existsSync } from 'node:fs'
import { lockAgents } from '../agent/ask-agent.ts'
import { defineCommand } from '../command.ts'

export const command = defineCommand({
  async run({ env, home, json, messages, out }) {
    const wasUnlocked = existsSync(home) && (await lockAgents(home, env))
    if (json) out.json({ locked: true, wasUnlocked })
    else out.print(messages.t(wasUnlocked ? 'done.locked' : 'done.already-locked'))
  },
})
