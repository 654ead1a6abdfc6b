/**
 * Records what two nodes say to each other in one version of the protocols, with keys, nonces and a time that are fixed: a file for
 * protocols/vectors/, made once, when a version is new, and never again. See docs/versions.md.
 *
 *     node test-network/record-version.ts 2 > protocols/vectors/version-2.json
 */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { canonicalBytes } from '#protocols/canonical.ts'
import { TrustError } from '#protocols/errors.ts'
import { type ByteStream, encodeFrame, encodeReset } from '#protocols/frames.ts'
import { answerHello, type HelloDeps, type HelloSelf, initiateHello } from '#protocols/hello.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import { peerIdOf } from '#protocols/peer-id.ts'

const nowMs = Date.parse('2030-01-01T00:00:00Z')
const never = new AbortController().signal
const hash = (text: string) => createHash('sha256').update(text).digest()

function party(name: string, announce: readonly string[]) {
  const seed = hash(`key of ${name}`)
  const key = createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]), format: 'der', type: 'pkcs8' })
  const did = `did:web:${name}.example` as Did
  return {
    did,
    keyId: `${did}#key-1` as DidUrl,
    peerId: peerIdOf(hash(`peer key of ${name}`)),
    nonce: hash(`nonce of ${name}`),
    jwk: createPublicKey(key).export({ format: 'jwk' }) as PublicJwk,
    announce,
    seed,
    key,
  }
}

const initiator = party('initiator', [])
const responder = party('responder', ['/dns4/node.responder.example/tcp/4001', '/ip6/2001:db8::1/tcp/4001'])
type Party = typeof initiator

function line(): { readonly ends: readonly [ByteStream, ByteStream]; readonly said: string[] } {
  const said: string[] = []
  const end = (inbox: Uint8Array[], outbox: Uint8Array[]): ByteStream => ({
    async send(bytes) {
      said.push(Buffer.from(bytes).toString())
      outbox.push(bytes)
    },
    async next() {
      for (;;) {
        const message = inbox.shift()
        if (message) return message
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  })
  const [there, back]: Uint8Array[][] = [[], []]
  return { ends: [end(back ?? [], there ?? []), end(there ?? [], back ?? [])], said }
}

async function hello(version: number, more: Pick<HelloSelf, 'didLog' | 'witnessProofs'>) {
  const { ends, said } = line()
  const self = (me: Party, other: Party): HelloSelf => ({
    network: 'recorded',
    peerIds: { local: me.peerId, remote: other.peerId },
    did: me.did,
    keyId: me.keyId,
    versions: [version],
    announce: me.announce,
    sign: async (bytes) => sign(null, bytes, me.key),
    ...more,
  })
  const deps = (me: Party, other: Party): HelloDeps => ({ nowMs: () => nowMs, nonce: me.nonce, resolveKey: async () => other.jwk })
  const [proved] = await Promise.all([
    initiateHello(ends[0], self(initiator, responder), deps(initiator, responder), never),
    answerHello(ends[1], self(responder, initiator), deps(responder, initiator), never),
  ])
  return { ...more, session: proved.session, messages: said }
}

function frames() {
  const channel = '00112233445566778899aabbccddeeff'
  const message = canonicalBytes({ type: 'profile' })
  const reset = encodeReset(new TrustError('DFFT_RATE_LIMITED', 'too fast', { retryAfterMs: 250 }))
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  return {
    exchange: hex(encodeFrame('open', channel, Buffer.from('exchange'))),
    records: hex(encodeFrame('open', channel, Buffer.from('records'))),
    data: hex(encodeFrame('data', channel, message)),
    end: hex(encodeFrame('end', channel, new Uint8Array(0))),
    reset: hex(encodeFrame('reset', channel, reset)),
  }
}

/** The good documents of the vectors of the day. */
function documents() {
  const folder = new URL('../protocols/vectors/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name.endsWith('.json') && !name.startsWith('version-'))
  return Object.fromEntries(names.map((name) => [name.slice(0, -5), (JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as { good: unknown }).good]))
}

const shown = ({ did, keyId, peerId, nonce, seed, announce }: Party) => ({
  did,
  keyId,
  peerId,
  nonce: nonce.toString('hex'),
  seed: seed.toString('hex'),
  announce,
})

const version = Number(process.argv[2])
const recorded = {
  version,
  network: 'recorded',
  nowMs,
  parties: { initiator: shown(initiator), responder: shown(responder) },
  hellos: [await hello(version, {}), await hello(version, { didLog: '{"log":1}\n', witnessProofs: '[{"proof":1}]' })],
  refusal: Buffer.from(canonicalBytes({ type: 'refusal', code: 'DFFT_BUSY', ...(version >= 2 ? { retryAfterMs: 6000 } : {}) })).toString(),
  frames: frames(),
  documents: documents(),
}
process.stdout.write(`${JSON.stringify(recorded, null, 1)}\n`)
