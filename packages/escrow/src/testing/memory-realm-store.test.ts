import { SeededRandom } from '@nokkel/base/testing'
import { MemoryRealmDisk } from './memory-realm-store.ts'
import { describeRealmStore } from './realm-store-contract.ts'

describeRealmStore('memory', async () => {
  const disk = new MemoryRealmDisk(new SeededRandom(7))
  return { open: async () => disk.open(), dump: async () => disk.dump(), dispose: async () => undefined }
})
