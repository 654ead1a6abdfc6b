/** The peer id of an Ed25519 key, without loading libp2p: `dfft init` prints it, and the simulator has no libp2p at all. */
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { base58btc } from 'multiformats/bases/base58'
import { fromBase64url } from './base64url.ts'
import type { PeerId } from './ids.ts'

/** Bytes of a peer key: an Ed25519 seed (RFC 8032, 5.1.5). */
export const peerKeyBytes = 32

// PKCS #8 before the seed (RFC 8410, 7): node:crypto takes no bare seed.
const pkcs8 = Buffer.from('302e020100300506032b657004220420', 'hex')

// Identity multihash of a protobuf public key: code 0, 36 bytes; field 1 (type) is 1 for Ed25519, field 2 (bytes) has 32 (libp2p peer-ids specification).
const prefix = Uint8Array.of(0x00, 0x24, 0x08, 0x01, 0x12, 0x20)

/** The Ed25519 public key of a 32-byte seed. */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: 'der', type: 'pkcs8' })
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return fromBase64url(x ?? '')
}

export function peerIdOf(seed: Uint8Array): PeerId {
  // base58btc of 38 bytes that begin so is always `12D3KooW` and 44 letters more, which the schema accepts.
  return base58btc.baseEncode(Buffer.concat([prefix, publicKeyOf(seed)])) as PeerId
}
