import { blobsContract } from './blobs.contract.ts'
import { MemoryBlobs } from './memory-blobs.ts'

blobsContract('blobs in memory', async () => {
  const blobs = new MemoryBlobs()
  return { blobs, reopen: async () => new MemoryBlobs(blobs) }
})
