import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Announcement, verifyAnnouncement } from '../announcement.ts'
import { canonicalBytes } from '../canonical.ts'
import { read } from '../channel.ts'
import type { JsonObject } from '../credential/jws.ts'
import { verifyProof } from '../credential/data-integrity.ts'
import { expandDidKey } from '../did/key.ts'
import { jwkOfMultikey } from '../did/multikey.ts'
import { TrustError } from '../errors.ts'
import { messageSchemas } from '../exchange/messages.fixture.ts'
import type * as messages from '../exchange/messages.ts'
import { verifyAgreement, verifyMessage } from '../exchange/signing.ts'
import { didOfOrigin, parseCheckpoint } from '../log/checkpoint.ts'
import { type Did, digest } from '../ids.ts'
import type { Json } from '../json.ts'
import { verifyKey } from '../keys.ts'
import { IssuanceProof, verifyIssuance } from '../log/issuance.ts'
import { Ask, Told } from '../records.ts'
import { Accreditation } from '../trust/accreditation.ts'

const schemas: Readonly<Record<string, z.ZodType>> = {
  ...messageSchemas,
  accreditation: Accreditation,
  announcement: Announcement,
  ask: Ask,
  told: Told,
  'issuance-proof': IssuanceProof,
}

const Vectors = z.strictObject({
  schema: z.string(),
  good: z.record(z.string(), z.custom<JsonObject>()),
  bad: z.array(
    z.strictObject({
      name: z.string(),
      of: z.string().optional(),
      text: z.string().optional(),
      set: z.record(z.string(), z.custom<Json>()).optional(),
      remove: z.array(z.string()).optional(),
      code: z.string(),
      path: z.string().optional(),
    }),
  ),
})

function load(name: string): z.infer<typeof Vectors> {
  return Vectors.parse(JSON.parse(readFileSync(new URL(`./${name}.json`, import.meta.url), 'utf8')))
}

/** The key that the fragment of a key's name is. */
function keyNamed(keyId: string) {
  return verifyKey(jwkOfMultikey(keyId.slice(keyId.indexOf('#') + 1)))
}

/** A pointer leads through objects and arrays alike. */
type Branch = { [name: string]: unknown }

function changed(document: JsonObject, { set = {}, remove = [] }: { set?: Readonly<Record<string, Json>> | undefined; remove?: readonly string[] | undefined }): unknown {
  const copy = structuredClone(document)
  const holderOf = (pointer: string) => {
    const names = pointer.slice(1).split('/')
    const last = names.pop() as string
    return [names.reduce((value, name) => value[name] as Branch, copy as Branch), last] as const
  }
  for (const [pointer, value] of Object.entries(set)) {
    const [holder, name] = holderOf(pointer)
    holder[name] = value
  }
  for (const pointer of remove) {
    const [holder, name] = holderOf(pointer)
    expect(Object.hasOwn(holder, name), pointer).toBe(true)
    delete holder[name]
  }
  return copy
}

describe.each(Object.entries(schemas))('%s', (name, schema) => {
  const { good, bad } = load(name)

  test('the file is of this schema', () => {
    expect(load(name).schema).toBe(name)
    expect(bad.length).toBeGreaterThan(5)
  })

  test.each(Object.entries(good))('takes %s as it is', (_name, document) => {
    expect(read(canonicalBytes(document), schema)).toEqual(document)
  })

  test.each(bad.map((vector) => [vector.name, vector] as const))('refuses %s', (_name, { text, of, set, remove, code, path }) => {
    const bytes = text ?? canonicalBytes(changed(good[of ?? ''] as JsonObject, { set, remove }))
    const thrown = refusalOf(() => read(bytes, schema))
    expect(thrown).toBeInstanceOf(TrustError)
    expect(thrown).toMatchObject({ code, ...(path === undefined ? {} : { facts: { path } }) })
  })
})

test.each(['offer', 'request', 'terms', 'acceptance', 'presentation', 'refusal', 'pending', 'receipt', 'closing'] as const)('the signature of the good %s verifies', (name) => {
  for (const message of Object.values(load(name).good) as unknown as messages.Message[]) {
    expect(() => verifyMessage(message, keyNamed(message.signature.keyId))).not.toThrow()
    if ('agreement' in message && typeof message.agreement === 'object') {
      const { agreement } = message
      expect(() => verifyAgreement(agreement, keyNamed(agreement.keyId))).not.toThrow()
    }
  }
})

test('the proof of the good accreditation verifies, and of no changed one', async () => {
  const document = load('accreditation').good['accreditation'] as JsonObject
  const verify = (of: JsonObject) => verifyProof(of, ({ keyId }) => keyNamed(keyId), { purpose: 'assertionMethod' })
  await expect(verify(document)).resolves.toBeDefined()
  for (const [member, value] of Object.entries({ subject: 'did:web:b.example', jurisdiction: 'FR', assurance: 'low', issues: [], validUntil: '2036-10-01T09:00:00Z', sector: 'private' }))
    await expect(verify({ ...document, [member]: value }), member).rejects.toMatchObject({ code: 'DFFT_SIGNATURE' })
})

test('the signatures of the good announcements verify', () => {
  for (const announcement of Object.values(load('announcement').good) as unknown as Announcement[])
    expect(() => verifyAnnouncement(announcement, keyNamed(announcement.signature.keyId))).not.toThrow()
})

test('the good proof of issuance holds for both encodings, from the second after its witness signed', () => {
  const proof = load('issuance-proof').good['issuance-proof'] as unknown as IssuanceProof
  const issuer = didOfOrigin(parseCheckpoint(proof.checkpoint).origin)
  const claim = { issuer, issuerKeys: expandDidKey(issuer).keys, witnessKeys: (did: Did) => expandDidKey(did).keys }
  const atMs = Date.UTC(2026, 9, 1, 9, 1)
  for (const signed of [digest('first encoding'), digest('second encoding')])
    expect(verifyIssuance(proof, { ...claim, signed, beforeMs: atMs + 1000 })).toMatchObject({ index: 3, atMs })
  expect(() => verifyIssuance(proof, { ...claim, signed: digest('first encoding'), beforeMs: atMs })).toThrow(expect.objectContaining({ code: 'DFFT_ISSUANCE_UNPROVEN' }))
})

function refusalOf(act: () => unknown): unknown {
  try {
    return act()
  } catch (thrown) {
    return thrown
  }
}
