/** Log heads as they travel with exchanges: under keys that their sender's DID names, whatever was read before. */
import { createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { MemoryStore } from '#node/adapters/memory-store.ts'
import { codeOf } from '#protocols/errors.ts'
import type { LogHead } from '#protocols/exchange/messages.ts'
import type { Did, DidUrl } from '#protocols/ids.ts'
import { PublicJwk, verifyKey } from '#protocols/keys.ts'
import type { NoteSigner } from '#protocols/log/checkpoint.ts'
import { never } from '#test-network/fixture.ts'
import { ManualClock } from '#test-network/manual-clock.ts'
import { AuditLog } from './audit.ts'
import { Witnessing } from './witnessing.ts'

const partner = 'did:web:partner.example' as Did
const [ours, theirs, next] = [signerOf(1), signerOf(2), signerOf(3)]
let log: AuditLog
let partnerLog: AuditLog
let witnessing: Witnessing
/** What the partner's DID names at the moment. */
let named: readonly NoteSigner[]

function signerOf(seed: number): NoteSigner {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)])
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })
  return { algorithm: 'EdDSA', publicJwk: PublicJwk.parse(createPublicKey(key).export({ format: 'jwk' })), sign: (bytes) => sign(null, bytes, key) }
}

beforeEach(async () => {
  const clock = new ManualClock()
  log = await AuditLog.open(new MemoryStore(), { did: 'did:web:ours.example' as Did, signer: ours, clock })
  partnerLog = await AuditLog.open(new MemoryStore(), { did: partner, signer: theirs, clock })
  await partnerLog.append([{ kind: 'released', facts: {} }])
  named = [theirs]
  const keys = async () => named.map(({ publicJwk }, at) => ({ keyId: `${partner}#key-${at}` as DidUrl, key: verifyKey(publicJwk), revoked: false }))
  const records = { ask: () => expect.unreachable('nothing is asked') } as unknown as ConstructorParameters<typeof Witnessing>[0]['records']
  witnessing = new Witnessing({ audit: log, records, log: () => undefined, named: keys })
})

async function head(): Promise<LogHead> {
  const { note, size } = await partnerLog.checkpoint()
  return { checkpoint: note, since: 0, proof: partnerLog.consistency(0, size) }
}

/** Its code, or that it was co-signed. */
async function taken(shown: LogHead): Promise<string> {
  return witnessing.witness(partner, shown, never).then(async ({ cosignature, writes }) => {
    await log.keep(writes)
    return cosignature ? 'cosigned' : 'nothing'
  }, codeOf)
}

test('a head that was read before is taken again, under the key that the partner still names', async () => {
  const shown = await head()
  expect([await taken(shown), await taken(shown)]).toEqual(['cosigned', 'cosigned'])
  named = [next, theirs]
  expect(await taken(shown)).toBe('cosigned')
})

test.each<[string, () => readonly NoteSigner[]]>([
  ['another one', () => [next]],
  ['none', () => []],
])('a head that was read before is refused once its key is named no longer, and %s is', async (_, names) => {
  const shown = await head()
  expect(await taken(shown)).toBe('cosigned')
  named = names()
  expect(await taken(shown)).toBe('DFFT_CHECKPOINT')
  named = [theirs]
  expect(await taken(shown)).toBe('cosigned')
})
