import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fromBase58, fromBase64, hex } from '#node/console/merkle/bytes.ts'
import { cosignedAt, keysIn, readNote, signerOf } from '#node/console/merkle/note.ts'
import { walk } from '#node/console/merkle/path.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { type Checkpoint, cosign, signCheckpoint } from '#protocols/log/checkpoint.ts'
import { MerkleTree, leafHash as ours } from '#protocols/log/merkle.ts'

const entries = Array.from({ length: 70 }, (_, at) => `{"index":${at}}`)
const tree = new MerkleTree()
for (const entry of entries) tree.append(ours(Buffer.from(entry)))

describe('the way to the root', () => {
  it('comes out at the root that the node has, for every entry of every tree up to 70', async () => {
    for (let size = 1; size <= entries.length; size++)
      for (let index = 0; index < size; index++) {
        const { root } = await walk(entries[index]!, { index, size, proof: tree.inclusionProof(index, size) })
        expect(root && hex(root), `${index} of ${size}`).toBe(hex(tree.root(size)))
      }
  })

  it('comes out elsewhere when a character of the entry is another', async () => {
    const { root, steps } = await walk('{"index":!}', { index: 5, size: 70, proof: tree.inclusionProof(5, 70) })
    expect(steps.length).toBeGreaterThan(5)
    expect(hex(root!)).not.toBe(hex(tree.root(70)))
  })

  it('comes to nothing when the proof is too long, too short, or of another place', async () => {
    const proof = tree.inclusionProof(5, 70)
    expect((await walk(entries[5]!, { index: 5, size: 70, proof: proof.slice(1) })).root).toBeNull()
    expect((await walk(entries[5]!, { index: 5, size: 70, proof: [...proof, proof[0]!] })).root).toBeNull()
    expect((await walk(entries[5]!, { index: 70, size: 70, proof })).root).toBeNull()
    expect(hex((await walk(entries[5]!, { index: 6, size: 70, proof })).root ?? new Uint8Array())).not.toBe(hex(tree.root(70)))
  })
})

function signer() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const publicJwk = publicKey.export({ format: 'jwk' }) as unknown as PublicJwk & { x: string }
  return { algorithm: 'EdDSA' as const, publicJwk, sign: async (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)) }
}

describe('a checkpoint', () => {
  const log = signer()
  const witness = signer()
  const head: Checkpoint = { origin: 'dfft.log/did:example:a', size: 70, root: tree.root(70) }
  const raw = (key: { publicJwk: { x: string } }) => Uint8Array.from(Buffer.from(key.publicJwk.x, 'base64url'))

  it('is read, and is signed by the key of its log and no other', async () => {
    const note = readNote(await signCheckpoint(head, log))!
    expect([note.origin, note.size, hex(note.root)]).toEqual([head.origin, 70, hex(head.root)])
    expect(await signerOf(note, [raw(witness), raw(log)])).toEqual(raw(log))
    expect(await signerOf(note, [raw(witness)])).toBeUndefined()
  })

  it('is not signed any more when a character of it is another', async () => {
    const text = await signCheckpoint(head, log)
    const changed = readNote(text.replace('\n70\n', '\n71\n'))!
    expect(await signerOf(changed, [raw(log)])).toBeUndefined()
  })

  it('is co-signed by a witness at a time, and not when that is another one’s', async () => {
    const note = readNote(await signCheckpoint(head, log))!
    const line = await cosign(note as never, { name: 'dfft.log/did:example:w', signer: witness }, 1_700_000_000_000)
    expect(await cosignedAt(note, line, [raw(witness)])).toBe(1_700_000_000_000)
    expect(await cosignedAt(note, line, [raw(log)])).toBeUndefined()
    expect(await cosignedAt({ ...note, body: `${note.body} ` }, line, [raw(witness)])).toBeUndefined()
  })

  it('is none without its blank line, its size, or 32 bytes of root', () => {
    for (const text of ['', 'a\n1\nAAAA\n', 'a\nb\nc\n\n— a AAAAAAAA\n', 'a\n1\nAAAA\n\n— a AAAAAAAA\n', 'a\n1\n****\n\n— a AAAAAAAA\n'])
      expect(readNote(text), text).toBeNull()
  })
})

describe('keys of a DID document', () => {
  it('are read from multikeys and JWKs, each once, and other kinds are passed over', () => {
    const x = Buffer.alloc(32, 7).toString('base64url')
    const document = {
      verificationMethod: [
        { publicKeyMultibase: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' },
        { publicKeyMultibase: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK' },
        { publicKeyJwk: { kty: 'OKP', crv: 'Ed25519', x } },
        { publicKeyJwk: { kty: 'EC', crv: 'P-256', x } },
        { publicKeyMultibase: 'zDnaerDaTF5BXEavCrfRZEk316dpbLsfPDZ3WJ5hRTPFU2169' },
        null,
      ],
    }
    expect(keysIn(document).map((key) => key.length)).toEqual([32, 32])
    expect(keysIn({})).toEqual([])
  })

  it('in base58 keep their leading zeros', () => {
    expect(hex(fromBase58('11'))).toBe('0000')
    expect(hex(fromBase58('2g'))).toBe('61')
    expect(() => fromBase58('0')).toThrow()
    expect(hex(fromBase64('AAE='))).toBe('0001')
  })
})
