/**
 * What libp2p itself remembers of peers, which for this node is nothing: addresses are in a book of ours, with a limit. Its own has none,
 * and a key costs nothing to make.
 */
import type { Libp2p } from '@libp2p/interface'

/** From now on a peer is forgotten with its last connection. */
export function forgetting(node: Libp2p): Libp2p {
  node.addEventListener('peer:disconnect', ({ detail: peerId }) => {
    node.peerStore.delete(peerId).catch(() => undefined) // A node that stops has forgotten everybody.
  })
  return node
}
