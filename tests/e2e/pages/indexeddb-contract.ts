/** Runs the contract of the device store against IndexedDB, in a page. Its results are read by indexeddb-store.test.ts. */
import { deleteIndexedDbStore, openIndexedDbStore } from '@nokkel/store/indexeddb'
import { describeDeviceStore } from '@nokkel/store/testing'
import { runCases } from './vitest-in-page.ts'

let made = 0
describeDeviceStore('IndexedDB', async () => {
  const name = `contract-${++made}`
  return { open: () => openIndexedDbStore(name), dispose: () => deleteIndexedDbStore(name) }
})

Object.assign(globalThis, { contractResults: runCases() })
