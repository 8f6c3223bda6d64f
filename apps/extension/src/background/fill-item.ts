/** One item's values into one frame, where that was decided; and that it was used here, for the order of the next list (EXT-11). */
import type { ItemId } from '@nokkel/base'
import type { FillAnswer } from '../content/messages.ts'
import { valuesOf } from './candidates.ts'
import { planFor, type Device } from './deciding.ts'
import { fillFrame, type Frame } from './frames.ts'

export async function fillItem(device: Device, frame: Frame, group: number, id: string): Promise<FillAnswer> {
  const client = device.client()
  const answer = await fillFrame(frame, planFor(frame, group, await valuesOf(client, id)))
  // what happens in a private window leaves no trace (E3); and nothing that was filled waits for this
  if (answer.filled.length > 0 && !frame.privateWindow) void client.noteUsed(id as ItemId).catch(() => undefined)
  return answer
}
