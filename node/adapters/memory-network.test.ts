import { randomBytes } from 'node:crypto'
import { MemoryHub } from './memory-network.ts'
import { networkContract } from './network.contract.ts'

networkContract('the memory network', () => {
  const hub = new MemoryHub()
  return {
    make: async (parts) => hub.network({ ...parts, random: { bytes: (count) => randomBytes(count) } }),
    kill: async (network) => hub.kill(network.peerId),
  }
})
