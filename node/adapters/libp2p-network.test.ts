import { randomBytes } from 'node:crypto'
import { libp2pNetwork } from './libp2p-network.ts'
import { networkContract } from './network.contract.ts'

networkContract('the libp2p network', () => ({
  make: (parts) => libp2pNetwork({ ...parts, listen: ['/ip4/127.0.0.1/tcp/0'], random: { bytes: (count) => randomBytes(count) } }),
  kill: async (network) => network[Symbol.asyncDispose](),
}))
