/** Reading QR codes with the camera. Pictures stay in this page: each is looked at and forgotten, none is kept or sent. */
import decodeQR from 'qr/decode.js'

/** between two looks; decoding takes some of the time that the page has for the person */
const pauseMs = 150
/** longer side of the picture that is decoded: enough for a code that fills a third of it */
const longSide = 640

export type CameraFault = 'denied' | 'missing'

/**
 * Shows the camera in `video` and calls `onText` with each text read, until `signal` aborts. Rejects with a `CameraFault` when there is no camera or the person does
 * not allow it.
 */
export async function scanQr(video: HTMLVideoElement, onText: (text: string) => void, signal: AbortSignal): Promise<void> {
  const stream = await navigator.mediaDevices
    .getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } }, audio: false })
    .catch((error: unknown) => {
      throw error instanceof DOMException && error.name === 'NotAllowedError' ? new CameraError('denied') : new CameraError('missing')
    })
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
  if (signal.aborted) return stop()
  signal.addEventListener('abort', stop, { once: true })
  video.srcObject = stream
  await video.play().catch(() => undefined) // stopped before it began
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  while (!signal.aborted && context !== null) {
    const text = read(video, canvas, context)
    if (text !== null) onText(text)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

export class CameraError extends Error {
  readonly fault: CameraFault

  constructor(fault: CameraFault) {
    super(fault)
    this.fault = fault
  }
}

function read(video: HTMLVideoElement, canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): string | null {
  const { videoWidth, videoHeight } = video
  if (videoWidth === 0 || videoHeight === 0) return null
  const scale = Math.min(1, longSide / Math.max(videoWidth, videoHeight))
  canvas.width = Math.round(videoWidth * scale)
  canvas.height = Math.round(videoHeight * scale)
  context.drawImage(video, 0, 0, canvas.width, canvas.height)
  try {
    return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height))
  } catch {
    return null // nothing to read in this picture
  }
}
