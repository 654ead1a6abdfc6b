/** Worked examples of docs/protocol.md: made by the functions that nodes use, with a key and a time that are fixed. */
import { canonical, digestOf } from '#protocols/canonical.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Refusal } from '#protocols/exchange/messages.ts'
import { agreementOver, signAgreement, signMessage, type Unsigned } from '#protocols/exchange/signing.ts'
import { traceIdOf, traceparentOf } from '#protocols/exchange/trace.ts'
import { encodeFrame, encodeReset } from '#protocols/frames.ts'
import { statement } from '#protocols/hello.ts'
import { type Did, type Digest, digest, type ExchangeId, type Instant } from '#protocols/ids.ts'
import { cosign, originOf, parseCheckpoint, proofText, signCheckpoint } from '#protocols/log/checkpoint.ts'
import { firstPrevious } from '#protocols/log/entry.ts'
import { leafHash, MerkleTree } from '#protocols/log/merkle.ts'

const seed = new Uint8Array(32).fill(1)
const did = 'did:web:a.example' as Did
const other = 'did:web:b.example' as Did
const signer = seededSigner(seed, `${did}#key-1`)
const witness = seededSigner(new Uint8Array(32).fill(2), `${other}#key-1`)
const exchange = '000102030405060708090a0b0c0d0e0f' as ExchangeId
const at = '2030-01-01T00:00:00Z' as Instant
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

export async function examples(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    [
      'key',
      lines({
        seed: hex(seed),
        x: 'x' in signer.publicJwk ? signer.publicJwk.x : '',
        'seed of the witness': '02 × 32',
        'x of the witness': witness.publicJwk.x,
      }),
    ],
    ['canonical', canonicalForm()],
    ['frame', frames()],
    ['hello', lines({ transcript: hex(Buffer.from('transcript')), 'responder signs': hex(statement('responder', Buffer.from('transcript'))) })],
    ['agreement', await agreement()],
    ['message', await message()],
    ['trace', lines({ exchange, 'trace id': traceIdOf(exchange), 'traceparent of the requester': traceparentOf(exchange, 'requester') })],
    ['log', await log()],
  ])
}

function lines(said: Readonly<Record<string, string>>): string {
  const width = Math.max(...Object.keys(said).map(({ length }) => length))
  return Object.entries(said)
    .map(([name, value]) => `${name.padEnd(width)}  ${value}`)
    .join('\n')
}

function canonicalForm(): string {
  const document = { b: [1, 2.5, true, null], a: 'é "x"\n', '10': {} }
  return lines({ canonical: canonical(document), digest: digestOf(document) })
}

function frames(): string {
  const reset = encodeReset(new TrustError('DFFT_BUSY', 'full', { retryAfterMs: 1500 }))
  return lines({
    open: hex(encodeFrame('open', exchange, Buffer.from('exchange'))),
    data: hex(encodeFrame('data', exchange, Buffer.from('{}'))),
    end: hex(encodeFrame('end', exchange, new Uint8Array())),
    'payload of a reset': Buffer.from(reset).toString(),
  })
}

async function agreement(): Promise<string> {
  const one = { id: 'c0', agreement: digest('agreement'), inputs: digest('inputs') }
  const { hash, inputs } = agreementOver([one])
  const { value } = await signAgreement({ hash, inputs }, signer)
  return lines({ agreement: one.agreement, inputs: one.inputs, 'hash over c0': hash, 'inputs over c0': inputs, value })
}

async function message(): Promise<string> {
  const refusal: Unsigned<Refusal> = {
    type: 'refusal',
    version: 1,
    floor: 1,
    exchange,
    from: did,
    to: other,
    at,
    request: null,
    code: 'DFFT_LIMIT',
    reveal: null,
    retryAfterMs: null,
  }
  return lines({ message: canonical(await signMessage<Refusal>(refusal, signer)) })
}

async function log(): Promise<string> {
  const origin = originOf(did)
  const entries = ['first', 'second', 'third'].map((text) => Buffer.from(text))
  const tree = new MerkleTree()
  for (const entry of entries) tree.append(leafHash(entry))
  const note = await signCheckpoint({ origin, size: 3, root: tree.root() }, signer)
  const line = await cosign(parseCheckpoint(note), { name: originOf(other), signer: witness }, Date.parse(at))
  const said = lines({
    '`previous` of entry 0': firstPrevious(origin),
    'leaf hashes': entries.map((entry) => hex(leafHash(entry)) as Digest).join('\n'.padEnd(24)),
    root: hex(tree.root()),
    'inclusion of 1 in 3': proofText(tree.inclusionProof(1, 3)).join(' '),
    'consistency of 2 and 3': proofText(tree.consistencyProof(2, 3)).join(' '),
  })
  return `${said}\n\n${note}${line}`.trimEnd()
}
