import { beforeAll, describe, expect, it, test } from 'vitest'
import { canonical } from '../canonical.ts'
import { parse } from '../channel.ts'
import { seededSigner } from '../credential/seeded-signer.ts'
import type { KeyEra } from '../did/document.ts'
import { codeOf } from '../errors.ts'
import { type Did, type Digest, digest } from '../ids.ts'
import { parseJson } from '../json.ts'
import type { Signer } from '../keys.ts'
import { cosign, originOf, parseCheckpoint, proofText, readCheckpointOfAny, signCheckpoint } from './checkpoint.ts'
import { type IssuanceClaim, IssuanceProof, logKeysAt, signedDigestOf, verifyIssuance, type WitnessClaim } from './issuance.ts'
import { leafHash, MerkleTree } from './merkle.ts'

const issuer = 'did:web:agency.example' as Did
const other = 'did:web:other.example' as Did
const witness = 'did:web:witness.example' as Did
const second = 'did:web:second.example' as Did
const stranger = 'did:web:stranger.example' as Did
const signed = digest('a credential')
const twin = digest('its other encoding')

/** Retired when the issuer’s second key took over. */
const retiredMs = Date.UTC(2026, 10, 22, 12)
const hourMs = 3_600_000

function signerOf(did: Did, seed: number): Signer {
  return seededSigner(Buffer.alloc(32, seed), `${did}#key-${seed}`)
}

function era({ keyId, publicJwk }: Signer, fromMs: number, untilMs: number | null, purpose = 'authentication'): KeyEra {
  return { keyId, jwk: publicJwk, purposes: [purpose, 'assertionMethod'], fromMs, untilMs }
}

const oldKey = signerOf(issuer, 1)
const newKey = signerOf(issuer, 2)
const witnessKey = signerOf(witness, 3)
const laterWitnessKey = signerOf(witness, 4)
const secondKey = signerOf(second, 5)
const strangerKey = signerOf(stranger, 6)
const witnessRotatedMs = retiredMs + 10 * hourMs

const issuerKeys = [era(oldKey, 0, retiredMs), era(newKey, retiredMs, null)]
const keys = new Map<Did, readonly KeyEra[]>([
  [witness, [era(witnessKey, 0, witnessRotatedMs), era(laterWitnessKey, witnessRotatedMs, null)]],
  [second, [era(secondKey, 0, null)]],
  [issuer, issuerKeys],
])
const claim: IssuanceClaim & WitnessClaim = { issuer, signed, beforeMs: retiredMs, issuerKeys, witnessKeys: (did) => keys.get(did) ?? [] }

/** A log of seven entries, the fourth of which is the issuance; `change` makes it a worse one. */
interface Log {
  readonly did?: Did
  readonly facts?: Readonly<Record<string, unknown>>
  readonly kind?: string
  readonly key?: Signer
  readonly entryIndex?: number
  /** How the log spells its entries. */
  readonly spelt?: (entry: object) => string
}

interface Cosigning {
  readonly by?: Did
  readonly key?: Signer
  readonly atMs?: number
}

const at = 3

async function proofOf(log: Log = {}, cosignings: readonly Cosigning[] = [{}]): Promise<IssuanceProof> {
  const { did = issuer, facts = { signed: [twin, signed] }, kind = 'issued', key = oldKey, entryIndex = at, spelt = canonical } = log
  const tree = new MerkleTree()
  const entries = Array.from({ length: 7 }, (_, index) =>
    spelt(entryOf(index === at ? entryIndex : index, index === at ? kind : 'revoked', index === at ? facts : {})),
  )
  for (const entry of entries) tree.append(leafHash(Buffer.from(entry)))
  const checkpoint = await signCheckpoint({ origin: originOf(did), size: tree.size, root: tree.root() }, key)
  const cosignatures = await Promise.all(cosignings.map((each) => lineOf(checkpoint, each)))
  return { type: 'IssuanceProof', version: 1, entry: entries[at]!, proof: proofText(tree.inclusionProof(at)), checkpoint, cosignatures }
}

async function lineOf(note: string, { by = witness, key = witnessKey, atMs = retiredMs - hourMs }: Cosigning) {
  return { by, line: await cosign(parseCheckpoint(note), { name: originOf(by), signer: key }, atMs) }
}

function entryOf(index: number, kind: string, facts: Readonly<Record<string, unknown>>) {
  return { index, at: '2026-11-20T09:00:00Z', kind, exchange: null, facts, previous: `${'A'.repeat(43)}=` }
}

function verdict(proof: IssuanceProof, change: Partial<typeof claim> = {}): string {
  try {
    verifyIssuance(proof, { ...claim, ...change })
    return 'holds'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

let proof: IssuanceProof
beforeAll(async () => {
  proof = await proofOf()
})

describe('a credential counts as issued before its key was retired', () => {
  it('when its entry is in a checkpoint that a trusted witness signed before', () => {
    expect(verifyIssuance(proof, claim)).toEqual({ index: 3, by: witness, atMs: retiredMs - hourMs })
  })

  it('in each of its encodings, since one entry names them all', () => {
    expect(verifyIssuance(proof, { ...claim, signed: twin }).index).toBe(3)
  })

  it('as a copy of a credential about a person, whose entry names copies of others', async () => {
    expect(verdict(await proofOf({ kind: 'issued-copies' }))).toBe('holds')
    expect(verdict(await proofOf({ kind: 'issued-copies', facts: { signed: [twin] } }))).toBe('DFFT_ISSUANCE_PROOF')
  })

  it('when a key of today or the retired one itself signed the checkpoint, since the time is the witness’s', async () => {
    expect(verdict(await proofOf({ key: newKey }))).toBe('holds')
    expect(verdict(await proofOf({ key: oldKey }))).toBe('holds')
  })

  it('by the earliest witness that counts, whoever else signed', async () => {
    const many = [
      { by: stranger, key: strangerKey, atMs: 0 },
      { by: issuer, key: oldKey, atMs: 0 },
      { by: second, key: secondKey, atMs: retiredMs - 2000 },
      { by: witness, key: witnessKey, atMs: retiredMs - 5000 },
      { by: witness, key: witnessKey, atMs: retiredMs + 5000 },
    ]
    expect(verifyIssuance(await proofOf({}, many), claim)).toEqual({ index: 3, by: witness, atMs: retiredMs - 5000 })
  })

  it('until the second before the retirement', async () => {
    expect(verdict(await proofOf({}, [{ atMs: retiredMs - 1000 }]))).toBe('holds')
    expect(verdict(await proofOf({}, [{ atMs: retiredMs }]))).toBe('DFFT_ISSUANCE_UNPROVEN')
  })

  it('long after its witness changed its own key', async () => {
    expect(verdict(await proofOf({}, [{ atMs: witnessRotatedMs - 1000 }]), { beforeMs: witnessRotatedMs + hourMs })).toBe('holds')
  })
})

describe('it does not', () => {
  const unproven = 'DFFT_ISSUANCE_UNPROVEN'
  const cosignings: readonly [string, readonly Cosigning[]][] = [
    ['without a witness', []],
    ['on the issuer’s own cosignature', [{ by: issuer, key: oldKey }]],
    ['on a stranger’s', [{ by: stranger, key: strangerKey }]],
    ['on one that was made after the retirement', [{ atMs: retiredMs + 1000 }]],
    ['on one that a stranger made in the witness’s name', [{ key: strangerKey }]],
    ['on one by a key that the witness did not have yet', [{ key: laterWitnessKey }]],
  ]
  test.each(cosignings)('%s', async (_how, given) => {
    expect(verdict(await proofOf({}, given))).toBe(unproven)
  })

  it('on one by a key that the witness had given up by then', async () => {
    const late = await proofOf({}, [{ atMs: witnessRotatedMs + 1000 }])
    expect(verdict(late, { beforeMs: witnessRotatedMs + hourMs })).toBe(unproven)
  })

  it('on one by a key that the witness does not authenticate with', async () => {
    expect(verdict(proof, { witnessKeys: () => [era(witnessKey, 0, null, 'keyAgreement')] })).toBe(unproven)
  })

  it('on a cosignature over another checkpoint, of this log or of another', async () => {
    const longer = await signCheckpoint({ origin: originOf(issuer), size: 8, root: leafHash(Buffer.from('8')) }, oldKey)
    const { checkpoint } = await proofOf({ did: other, key: oldKey })
    for (const note of [longer, checkpoint]) expect(verdict({ ...proof, cosignatures: [await lineOf(note, {})] })).toBe(unproven)
  })

  it('on a witness’s signature under another witness’s name', async () => {
    const [line] = proof.cosignatures
    expect(verdict({ ...proof, cosignatures: [{ by: second, line: line!.line }] })).toBe(unproven)
  })

  const refused = 'DFFT_ISSUANCE_PROOF'
  test.each<[string, Log, string]>([
    ['an entry of another kind that names it', { kind: 'revoked' }, refused],
    ['an entry that names another credential', { facts: { signed: [twin] } }, refused],
    ['an entry that names none', { facts: {} }, refused],
    ['an entry that names it in passing', { facts: { signed, credential: signed, list: [signed] } }, refused],
    ['an entry that claims another place', { entryIndex: 4 }, refused],
    ['an entry that its log spells another way', { spelt: (entry) => JSON.stringify(entry, null, 1) }, refused],
    ['another issuer’s log', { did: other }, 'DFFT_CHECKPOINT'],
    ['a checkpoint that its issuer did not sign', { key: strangerKey }, 'DFFT_CHECKPOINT'],
  ])('on %s, whoever witnessed it', async (_what, log, code) => {
    expect(verdict(await proofOf(log))).toBe(code)
  })

  it('on the inclusion of another entry', async () => {
    const tree = new MerkleTree()
    for (let index = 0; index < 7; index++) tree.append(leafHash(Buffer.from(`${index}`)))
    expect(verdict({ ...proof, proof: proofText(tree.inclusionProof(4)) })).toBe(refused)
    expect(verdict({ ...proof, proof: proof.proof.slice(1) })).toBe(refused)
    expect(verdict({ ...proof, proof: [] })).toBe(refused)
  })

  it('on an entry spelt another way', () => {
    expect(verdict({ ...proof, entry: proof.entry.replace('{', '{ ') })).toBe(refused)
    expect(verdict({ ...proof, entry: `${proof.entry}\n` })).toBe(refused)
  })

  it('on words that are no entry', () => {
    expect(verdict({ ...proof, entry: 'issued' })).toBe('DFFT_NOT_JSON')
    expect(verdict({ ...proof, entry: '{}' })).toBe('DFFT_SCHEMA')
  })

  it('when the issuer names no key that could have signed its log', () => {
    expect(verdict(proof, { issuerKeys: [] })).toBe('DFFT_CHECKPOINT')
    expect(verdict(proof, { issuerKeys: [era(oldKey, 0, null, 'keyAgreement')] })).toBe('DFFT_CHECKPOINT')
  })

  it('with any byte of its proof changed', () => {
    const text = canonical(proof)
    const bytes = Buffer.from(text)
    let refusals = 0
    for (let byte = 0; byte < bytes.length; byte++) {
      for (const bit of [1, 1 << (byte % 7)]) {
        const changed = Buffer.from(bytes)
        changed[byte] = changed[byte]! ^ bit
        expect(verdictOfFile(changed), `byte ${byte}`).toMatch(/^DFFT_(?!INTERNAL)/)
        refusals++
      }
    }
    expect(verdictOfFile(bytes)).toBe('holds')
    expect(refusals).toBe(2 * bytes.length)
  })
})

function verdictOfFile(bytes: Uint8Array): string {
  try {
    verifyIssuance(parse(parseJson(bytes), IssuanceProof), claim)
    return 'holds'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

describe('an evidence file', () => {
  test.each<[string, object]>([
    ['with a member too many', { more: 1 }],
    ['of another version', { version: 2 }],
    ['with 17 cosignatures', { cosignatures: Array.from({ length: 17 }, () => ({ by: witness, line: `\u2014 a AAAA\n` })) }],
    ['with a line that is none', { cosignatures: [{ by: witness, line: 'line' }] }],
    ['with an entry beyond its limit', { entry: 'a'.repeat(16_385) }],
    ['with a proof beyond any tree', { proof: Array.from({ length: 64 }, () => `${'A'.repeat(43)}=`) }],
  ])('%s is refused', (_what, change) => {
    expect(IssuanceProof.safeParse({ ...proof, ...change }).success).toBe(false)
    expect(IssuanceProof.safeParse(proof).success).toBe(true)
  })
})

it('what was signed of an SD-JWT is the same however much of it is shown', () => {
  const jwt = `${Buffer.from('{"alg":"EdDSA"}').toString('base64url')}.e30.AAAA`
  const all = [jwt, `${jwt}~`, `${jwt}~WyJhIl0~`, `${jwt}~WyJhIl0~WyJiIl0~`, `${jwt.slice(0, -4)}BBBB`].map(signedDigestOf)
  expect(new Set<Digest>(all).size).toBe(1)
  expect(signedDigestOf(jwt.replace('.e30.', '.W10.'))).not.toBe(all[0])
})

it('of a DID’s keys those sign notes that are Ed25519 and authenticate, from a minute before their beginning to their end', () => {
  const p256 = { ...era(newKey, 0, null), jwk: { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as const }
  const eras = [...issuerKeys, p256, era(strangerKey, 0, null, 'keyAgreement')]
  expect(logKeysAt(eras, null)).toEqual([oldKey.publicJwk, newKey.publicJwk])
  expect(logKeysAt(eras, retiredMs - 60_001)).toEqual([oldKey.publicJwk])
  expect(logKeysAt(eras, retiredMs - 60_000)).toEqual([oldKey.publicJwk, newKey.publicJwk])
  expect(logKeysAt(eras, retiredMs)).toEqual([newKey.publicJwk])
})

it('a checkpoint is read by whichever of its log’s keys signed it, and that key is told', () => {
  const log = { origin: originOf(issuer), publicKeys: [newKey.publicJwk, oldKey.publicJwk] }
  expect(readCheckpointOfAny(proof.checkpoint, log).publicKey).toEqual(oldKey.publicJwk)
  expect(() => readCheckpointOfAny(proof.checkpoint, { ...log, origin: originOf(other) })).toThrow(expect.objectContaining({ code: 'DFFT_CHECKPOINT' }))
})
