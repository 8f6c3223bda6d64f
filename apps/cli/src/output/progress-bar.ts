/** Progress of long work on standard error: a bar where that is a terminal, nothing elsewhere. */
import type { Progress } from '@nokkel/client'
import type { Messages } from '@nokkel/messages'
import type { Output } from './output.ts'

const barWidth = 24
/** Work shorter than this shows no bar; redrawn at most this often. */
const patienceMs = 300
const redrawMs = 100

export interface ProgressBar {
  readonly onProgress: (progress: Progress) => void
  /** Takes the bar away. */
  end(): void
}

export function createProgressBar(out: Output, messages: Messages, now: () => number = () => performance.now()): ProgressBar {
  if (!out.errorToTerminal) return { onProgress: () => {}, end: () => {} }
  const started = now()
  let drawnAt = -Infinity
  let drawn = false
  let phase = ''
  return {
    onProgress(progress) {
      const time = now()
      const waiting = progress.phase === 'waiting'
      if (progress.phase === 'done' || (time - started < patienceMs && !waiting)) return
      if (time - drawnAt < redrawMs && progress.phase === phase) return
      drawnAt = time
      drawn = true
      phase = progress.phase
      out.redraw(progressLine(messages, progress))
    },
    end() {
      if (drawn) out.redraw('')
      drawn = false
    },
  }
}

export function progressLine(messages: Messages, { phase, done, total }: Progress): string {
  const name = messages.label('phase', phase)
  if (total <= 0) return done > 0 ? `${name} … ${messages.number(done)}` : `${name} …`
  const share = Math.min(1, done / total)
  const filled = Math.floor(share * barWidth)
  return `${name} ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${messages.number(done)}/${messages.number(total)}`
}
