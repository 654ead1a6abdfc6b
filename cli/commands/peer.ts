import { command } from '../command.ts'
import { facts, table } from '../render.ts'

export const commands = [
  command<object, readonly [address: string]>({
    usage: 'add <address>',
    about: 'Dial a node, prove both identities, remember its address, fetch its public records.',
    operation: 'peerAdd',
    examples: ['dfft peer add /ip4/192.0.2.7/tcp/4001', 'dfft peer add /dns4/node.agency.example/tcp/4001 --json'],
    run: async ({ api, texts: { words }, style }, [address]) => {
      const result = await api.peerAdd({ address })
      const { accreditations, policies } = result.learned
      const text = facts(
        [
          [words.did, result.did],
          [words.peerId, result.peerId],
          [words.addresses, result.addresses],
          [words.learned, `accreditations ${accreditations}, policies ${policies}`],
        ],
        style,
      )
      return { result, text }
    },
  }),
  command({
    usage: 'list',
    about: 'The nodes whose address is known.',
    operation: 'peerList',
    examples: ['dfft peer list', 'dfft peer list --plain'],
    run: async ({ api, texts: { words, none }, style }) => {
      const result = await api.peerList({})
      const rows = result.peers.map(({ did, connected, addresses }) => [did, connected, addresses.join(' ')])
      return { result, text: table([words.did, words.connected, words.addresses], rows, style, none) }
    },
  }),
]
