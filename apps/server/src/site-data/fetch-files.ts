/**
 * Gets the files of a feed from the address that the operator named, and from nowhere else: no redirect is followed, nothing of a file may name
 * another address to be asked. Bounded in time and size. What a file says is judged elsewhere (`site-data.ts`).
 */
import { feedFiles, type FeedFile } from '@nokkel/autofill/site-data'

export type Fetched =
  | { readonly type: 'text'; readonly text: string; readonly etag: string | null }
  | { readonly type: 'unchanged' }
  | { readonly type: 'failed'; readonly reason: 'missing' | 'redirected' | 'refused' | 'unreachable' | 'too-large' | 'malformed' }

export type FetchFile = (file: FeedFile, etag: string | null) => Promise<Fetched>

const timeoutMs = 30_000
const fileBytesMax = 2_000_000
const etagLengthMax = 200

async function textOf(response: Response): Promise<Fetched> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length
    // leaving the loop ends the transfer: what would follow is not read
    if (length > fileBytesMax) return { type: 'failed', reason: 'too-large' }
    chunks.push(chunk as Uint8Array)
  }
  const etag = response.headers.get('etag')
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
    return { type: 'text', text, etag: etag !== null && etag.length <= etagLengthMax ? etag : null }
  } catch {
    return { type: 'failed', reason: 'malformed' }
  }
}

/** `folder`: as the configuration allows it (`config.ts`), with or without a slash at its end. */
export function fetchFilesFrom(folder: string, userAgent: string): FetchFile {
  const base = folder.endsWith('/') ? folder : `${folder}/`
  return async (file, etag) => {
    try {
      const response = await fetch(new URL(feedFiles[file], base), {
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        headers: { accept: 'application/json, text/plain', 'user-agent': userAgent, ...(etag !== null && { 'if-none-match': etag }) },
      })
      if (response.status === 200) return await textOf(response)
      await response.body?.cancel()
      if (response.status === 304 && etag !== null) return { type: 'unchanged' }
      if (response.status === 404 || response.status === 410) return { type: 'failed', reason: 'missing' }
      return { type: 'failed', reason: response.status >= 300 && response.status < 400 ? 'redirected' : 'refused' }
    } catch {
      return { type: 'failed', reason: 'unreachable' }
    }
  }
}
