/**
 * Where the worker begins. Cryptography, search and synchronising are most of the app's code, and who has no keychain here needs none of it to see
 * the first screens: so this looks whether there is one, and loads the rest when there is, or when somebody sends the form that makes one. Not
 * while they type: who only looks in pays nothing, and stretching the password takes longer than the fetching. It knows no key and no call but
 * the first two.
 */
import { openIndexedDbStore } from '@nokkel/store/indexeddb'
import { nothingYet } from './nothing-yet.ts'
import type { Answer, Request } from './protocol.ts'
import { storeName, tabsChannel } from './store-name.ts'

interface Keychain {
  receive(request: Request): void
}

const post = (answer: Answer): void => self.postMessage(answer)
let keychain: Promise<Keychain> | null = null
const load = (): Promise<Keychain> => (keychain ??= import('./keychain-worker.ts'))

/** Rows in `meta` come with the first passcode. What cannot be told is for the whole client to say. */
async function isEmpty(): Promise<boolean> {
  try {
    const store = await openIndexedDbStore(storeName)
    const rows = await store.count('meta')
    await store.close()
    return rows === 0
  } catch {
    return false
  }
}

async function begin(request: Request): Promise<void> {
  if (keychain === null && (await isEmpty())) {
    post({ type: 'snapshot', snapshot: nothingYet })
    post({ type: 'result', id: request.id, value: undefined })
  } else hand(request)
}

function hand(request: Request): void {
  load().then(
    ({ receive }) => receive(request),
    // its file could not be fetched: said to this call, tried again at the next
    () => {
      keychain = null
      post({ type: 'failure', id: request.id, failure: { code: 'offline', params: {} } })
    },
  )
}

self.addEventListener('message', ({ data }: MessageEvent<Request>) => {
  if (data.name === 'start') void begin(data)
  else if (data.name === 'touch' && keychain === null) post({ type: 'result', id: data.id, value: undefined })
  else hand(data)
})
// another tab has made a keychain here: this one shows the lock. Nobody waits for the answer, so it has the number of no call
new BroadcastChannel(tabsChannel).addEventListener('message', () => {
  if (keychain === null) hand({ id: 0, name: 'start', args: [] })
})
