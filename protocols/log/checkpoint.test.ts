import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Did } from '../ids.ts'
import { PublicJwk } from '../keys.ts'
import {
  cosign,
  didOfOrigin,
  NoteLine,
  type NoteSigner,
  noteBytesMax,
  originOf,
  parseCheckpoint,
  proofText,
  readCheckpoint,
  readProof,
  signCheckpoint,
  verifyCosignature,
} from './checkpoint.ts'
import { leafHash } from './merkle.ts'

const did = 'did:web:agency.example' as Did
const witnessDid = 'did:web:witness.example' as Did
const root = leafHash(Buffer.from('a root'))
const checkpoint = { origin: originOf(did), size: 42, root }
const log = signerOf(1)
const witness = signerOf(2)
const ours = { origin: originOf(did), publicKey: log.publicJwk }
const theirs = { name: originOf(witnessDid), publicKey: witness.publicJwk }
const refused = expect.objectContaining({ code: 'DFFT_CHECKPOINT' })

function signerOf(seed: number): NoteSigner {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return { algorithm: 'EdDSA', publicJwk: PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })), sign: (bytes) => sign(null, bytes, key) }
}

/** The key of a C2SP verifier key: its last 32 bytes. */
function keyOf(vkey: string): PublicJwk {
  return { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(vkey, 'base64').subarray(1).toString('base64url') }
}

// Published by the static CT log arche2025h1 (staging) and co-signed by the public witness remora.n621.de in May 2026.
const real = [
  'arche2025h1.staging.ct.transparency.dev',
  '1432088532',
  'U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=',
  '',
  '— arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=',
  '— arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=',
  '— remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==',
  '',
].join('\n')
const realLog = { origin: 'arche2025h1.staging.ct.transparency.dev', publicKey: keyOf('AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f') }
const realWitness = { name: 'remora.n621.de', publicKey: keyOf('BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2') }

it('a checkpoint of a public log, and the cosignature of a public witness, verify', () => {
  const read = readCheckpoint(real, realLog)
  expect(read.size).toBe(1_432_088_532)
  const line = `${real.split('\n')[6]}\n`
  expect(verifyCosignature(read, line, realWitness).atMs).toBe(0x6a122120 * 1000)
  expect(() => verifyCosignature(read, line, { ...realWitness, name: 'remora.n621.dk' })).toThrow(refused)
  expect(() => readCheckpoint(real.replace('1432088532', '1432088533'), realLog)).toThrow(refused)
})

it('a log’s checkpoint is read back, and says in three lines what it is', async () => {
  const note = await signCheckpoint(checkpoint, log)
  expect(note.split('\n').slice(0, 4)).toEqual(['dfft.log/did:web:agency.example', '42', Buffer.from(root).toString('base64'), ''])
  expect(readCheckpoint(note, ours)).toMatchObject({ origin: originOf(did), size: 42 })
  expect(readCheckpoint(await signCheckpoint({ ...checkpoint, size: 0 }, log), ours).size).toBe(0)
})

it('every byte of a note is under its signature, or spoils it', async () => {
  const note = Buffer.from(await signCheckpoint(checkpoint, log))
  for (let at = 0; at < note.length; at++) {
    for (const bit of [1, 0x80]) {
      const changed = Buffer.from(note)
      changed[at] = changed[at]! ^ bit
      expect(() => readCheckpoint(changed.toString(), ours), `byte ${at}`).toThrow(refused)
    }
  }
})

it('a checkpoint of another log, by another key, or by no key at all is refused', async () => {
  const note = await signCheckpoint(checkpoint, log)
  expect(() => readCheckpoint(note, { ...ours, origin: originOf(witnessDid) })).toThrow(refused)
  expect(() => readCheckpoint(note, { ...ours, publicKey: witness.publicJwk })).toThrow(refused)
  expect(() => readCheckpoint(note.slice(0, note.indexOf('\u2014')), ours)).toThrow(refused)
  // A cosignature by the log's own key is not the log's signature.
  const body = parseCheckpoint(note)
  const own = await cosign(body, { name: originOf(did), signer: log }, 0)
  expect(() => readCheckpoint(`${body.body}\n${own}`, ours)).toThrow(refused)
})

it('a second signature of the log that fails spoils a first that holds; signatures of others do not matter', async () => {
  const note = await signCheckpoint(checkpoint, log)
  const foreign = (await signCheckpoint(checkpoint, witness)).split('\n')[4]
  expect(readCheckpoint(`${note}${foreign}\n`, ours).signatures.length).toBe(2)
  const line = note.split('\n')[4] ?? ''
  const bad = Buffer.from(line.split(' ')[2] ?? '', 'base64')
  bad[bad.length - 1] = bad[bad.length - 1]! ^ 1
  const spoiled = `${note}\u2014 ${originOf(did)} ${bad.toString('base64')}\n`
  expect(() => readCheckpoint(spoiled, ours)).toThrow(refused)
})

it('texts that are almost notes are refused', async () => {
  const note = await signCheckpoint(checkpoint, log)
  const line = note.slice(note.indexOf('\u2014'))
  const b64 = Buffer.from(root).toString('base64')
  const notes = {
    empty: '',
    'no blank line': note.replace('\n\n', '\n'),
    'no last newline': note.slice(0, -1),
    'carriage return': note.replaceAll('\n', '\r\n'),
    nul: note.replace('42', '42\u0000'),
    'lone surrogate': note.replace('agency', 'agen\ud800cy'),
    'leading zero': `${ours.origin}\n042\n${b64}\n\n${line}`,
    sign: `${ours.origin}\n+42\n${b64}\n\n${line}`,
    'negative size': `${ours.origin}\n-42\n${b64}\n\n${line}`,
    'size beyond 2^53': `${ours.origin}\n9007199254740993\n${b64}\n\n${line}`,
    'no size': `${ours.origin}\n\n${b64}\n\n${line}`,
    'short root': `${ours.origin}\n42\n${Buffer.alloc(31).toString('base64')}\n\n${line}`,
    'unpadded root': `${ours.origin}\n42\n${b64.slice(0, -1)}\n\n${line}`,
    'two spellings of a root': `${ours.origin}\n42\n${Buffer.alloc(32).toString('base64').replace('A=', 'B=')}\n\n${line}`,
    'extension line': `${ours.origin}\n42\n${b64}\nmore\n\n${line}`,
    'origin with a space': `dfft.log/ did\n42\n${b64}\n\n${line}`,
    'origin with a plus': `dfft.log/a+b\n42\n${b64}\n\n${line}`,
    hyphen: note.replace('\u2014', '-'),
    'short signature': `${note}\u2014 name AAAA\n`,
    'signature without a name': `${note}\u2014  ${line.split(' ')[2]}`,
    'line without a signature': `${note}\u2014 name\n`,
    'too long': note + line.repeat(100),
  }
  for (const [name, text] of Object.entries(notes)) expect(() => parseCheckpoint(text), name).toThrow(refused)
  expect(notes['too long'].length).toBeGreaterThan(noteBytesMax)
})

it('at least sixteen signatures are read', async () => {
  let note = await signCheckpoint(checkpoint, log)
  for (let seed = 10; seed < 26; seed++)
    note += await cosign(parseCheckpoint(note), { name: `dfft.log/did:web:w${seed}.example`, signer: signerOf(seed) }, 1000)
  expect(readCheckpoint(note, ours).signatures.length).toBe(17)
})

it('a witness’s cosignature says when, to the second, and for which checkpoint', async () => {
  const read = readCheckpoint(await signCheckpoint(checkpoint, log), ours)
  const line = await cosign(read, { name: theirs.name, signer: witness }, 1_700_000_000_999)
  expect(NoteLine.parse(line)).toBe(line)
  expect(verifyCosignature(read, line, theirs)).toEqual({ atMs: 1_700_000_000_000 })
  const later = readCheckpoint(await signCheckpoint({ ...checkpoint, size: 43 }, log), ours)
  expect(() => verifyCosignature(later, line, theirs)).toThrow(refused)
  expect(() => verifyCosignature(read, line, { ...theirs, publicKey: log.publicJwk })).toThrow(refused)
  expect(() => verifyCosignature(read, line, { ...theirs, name: originOf(did) })).toThrow(refused)
  for (let at = 0; at < Buffer.byteLength(line); at++) {
    const changed = Buffer.from(line)
    changed[at] = changed[at]! ^ 1
    expect(() => verifyCosignature(read, changed.toString(), theirs), `byte ${at}`).toThrow(refused)
  }
  // A plain note signature of the witness is no cosignature.
  const plain = `${(await signCheckpoint({ ...checkpoint, origin: theirs.name }, witness)).split('\n')[4]}\n`
  expect(() => verifyCosignature(read, plain, theirs)).toThrow(refused)
  expect(() => verifyCosignature(read, line + line, theirs)).toThrow(refused)
})

it('only Ed25519 keys sign notes', async () => {
  const publicJwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'A'.repeat(43) } as const
  await expect(signCheckpoint(checkpoint, { ...log, publicJwk })).rejects.toMatchObject({ code: 'DFFT_ALGORITHM' })
  const note = await signCheckpoint(checkpoint, log)
  expect(() => readCheckpoint(note, { ...ours, publicKey: publicJwk })).toThrow(expect.objectContaining({ code: 'DFFT_ALGORITHM' }))
})

it('an origin names the DID of its node, and nothing else does', () => {
  expect(didOfOrigin(originOf(did))).toBe(did)
  for (const origin of ['dfft.log/', 'dfft.log/agency.example', 'other.log/did:web:a.example', did]) expect(() => didOfOrigin(origin)).toThrow(refused)
})

it('a proof goes through text and back, in its one spelling', () => {
  const proof = [root, leafHash(Buffer.from('x'))]
  expect(readProof(proofText(proof)).map((hash) => Buffer.from(hash).toString('hex'))).toEqual(proof.map((hash) => Buffer.from(hash).toString('hex')))
  expect(() => readProof(['AAAA'])).toThrow(refused)
  expect(() => readProof([`${'A'.repeat(42)}B=`])).toThrow(refused)
  expect(() => readProof(Array<string>(64).fill(proofText([root])[0]!))).toThrow(refused)
})

it('a note that was found good makes no other one good: each changed byte of it, another key and another witness are refused after it', async () => {
  const note = await signCheckpoint(checkpoint, log)
  readCheckpoint(note, ours)
  readCheckpoint(note, ours)
  for (let at = 0; at < note.length; at++) {
    const changed = `${note.slice(0, at)}${note[at] === 'B' ? 'C' : 'B'}${note.slice(at + 1)}`
    expect(() => readCheckpoint(changed, ours), `byte ${at}`).toThrow(refused)
  }
  expect(() => readCheckpoint(note, { ...ours, publicKey: witness.publicJwk })).toThrow(refused)
  const line = await cosign(parseCheckpoint(note), { name: originOf(witnessDid), signer: witness }, 1000)
  expect(verifyCosignature(parseCheckpoint(note), line, theirs)).toEqual(verifyCosignature(parseCheckpoint(note), line, theirs))
  expect(() => verifyCosignature(parseCheckpoint(note), line, { ...theirs, publicKey: log.publicJwk })).toThrow(refused)
  const larger = parseCheckpoint(await signCheckpoint({ ...checkpoint, size: 43 }, log))
  expect(() => verifyCosignature(larger, line, theirs)).toThrow(refused)
})
