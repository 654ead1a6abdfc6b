/** What is shown of a credential: what was agreed and nothing beyond it, however its issuer cut it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromBase64url } from '#protocols/base64url.ts'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { verifyKeyBinding } from '#protocols/credential/key-binding.ts'
import { issueSdJwt, readSdJwt } from '#protocols/credential/sd-jwt.ts'
import { seededSigner } from '#protocols/credential/seeded-signer.ts'
import { businessRegistration } from '#protocols/credential-types/business-registration/type.ts'
import vectors from '#protocols/credential-types/business-registration/vectors.json' with { type: 'json' }
import { disclosuresOf, readSubject } from '#protocols/credential-types/credential-type.ts'
import { codeOf, type TrustError } from '#protocols/errors.ts'
import { type Did, instant, type JsonPointer } from '#protocols/ids.ts'
import { seeded, startMs } from '#test-network/fixture.ts'
import { type Kept, present } from './wallet.ts'

const issuer = 'did:web:issuer.example' as Did
const holder = 'did:web:holder.example' as Did
const audience = 'did:web:verifier.example' as Did
const nonce = 'bm9uY2Ugb2YgYSB0ZXN0'
const issuing = seededSigner(Buffer.alloc(32, 1), `${issuer}#key`)
const holding = seededSigner(Buffer.alloc(32, 2), `${holder}#key`)

/** Every member that the type has. */
const full = vectors.good.find(({ name }) => name === 'everything there can be')?.subject as unknown as JsonObject
const subject = readSubject(businessRegistration, full, 'all')
const groups = businessRegistration.groups.map(({ path }) => path).filter((path) => path.slice(1) in full)

/** The credential as an issuer cut it; by default as ours are. */
async function kept(disclosable: readonly JsonPointer[] = businessRegistration.disclosable(subject)): Promise<Kept> {
  const random = seeded('wallet')
  const text = await issueSdJwt(
    {
      vct: businessRegistration.vct,
      issuer,
      id: 'urn:uuid:00000000-0000-4000-8000-000000000002',
      subject: holder,
      claims: full,
      disclosable,
      issuedAtMs: startMs,
      holderKey: holding.publicJwk,
      decoys: 4,
      salt: () => random.bytes(16),
    },
    issuing,
  )
  return {
    id: 'urn:uuid:00000000-0000-4000-8000-000000000002',
    role: 'held',
    type: businessRegistration.name,
    issuer,
    subject: holder,
    title: 'a registration',
    issuedAt: instant(startMs),
    validUntil: null,
    status: null,
    encodings: [{ format: 'dc+sd-jwt', text }],
    dataFlags: [],
    exchange: null,
  }
}

function shown(credential: Kept, disclosed: readonly JsonPointer[]): Promise<string> {
  return present(credential, { disclosed, nonce, audience, issuedAtMs: startMs }, holding)
}

/** Code and path of the refusal. */
async function refused(credential: Kept, disclosed: readonly JsonPointer[]): Promise<[string, unknown]> {
  const thrown = await shown(credential, disclosed).then(
    () => undefined,
    (error: unknown) => error as TrustError,
  )
  return thrown ? [codeOf(thrown), thrown.facts.path] : ['shown', undefined]
}

describe('what is shown', () => {
  test('is exactly the groups that were agreed, whichever they are, bound to one verifier and one nonce', async () => {
    const credential = await kept()
    await fc.assert(
      fc.asyncProperty(fc.subarray(groups), async (agreed) => {
        const read = readSdJwt(await shown(credential, agreed))
        expect(read.claims).toEqual(Object.fromEntries(agreed.map((path) => [path.slice(1), full[path.slice(1)]])))
        verifyKeyBinding(read, { nonce, audience, nowMs: startMs, ageMsMax: 0, skewMs: 0 })
      }),
      { numRuns: 60 },
    )
  })

  test('carries no disclosure of what was not agreed, and none of its values', async () => {
    const credential = await kept()
    const text = await shown(credential, ['/legalName'])
    expect(readSdJwt(text).disclosures.map(({ pointer }) => pointer)).toEqual(['/legalName'])
    const disclosures = text.split('~').slice(1, -1)
    expect(disclosures).toHaveLength(1)
    expect(new TextDecoder().decode(fromBase64url(disclosures[0] ?? ''))).not.toContain('代表取締役')
  })

  test('is a part of a group when a part was agreed', async () => {
    const agreed = disclosuresOf(businessRegistration.disclosable(subject), ['/registeredAddress/country'])
    expect(agreed).toEqual(['/registeredAddress/country'])
    expect(readSdJwt(await shown(await kept(), ['/registeredAddress/country'])).claims).toEqual({ registeredAddress: { country: 'JP' } })
  })

  test('is one element of an array when one was agreed, though it stands at another place then', async () => {
    const registrations = full.registrations as JsonObject[]
    expect(readSdJwt(await shown(await kept(), ['/registrations/1'])).claims).toEqual({ registrations: [registrations[1]] })
  })
})

describe('nothing is shown', () => {
  const all = businessRegistration.disclosable(subject)
  const without = (group: JsonPointer) => all.filter((pointer) => pointer !== group && !pointer.startsWith(`${group}/`))

  test('of a credential whose issuer left a claim in the open that was not agreed', async () => {
    const credential = await kept(without('/lei'))
    expect(await refused(credential, ['/legalName'])).toEqual(['DFFT_DISCLOSURE', '/lei'])
    expect(await refused(credential, ['/legalName', '/lei'])).toEqual(['shown', undefined])
  })

  test('of one whose open claim lies deep within another', async () => {
    const credential = await kept([...without('/registeredAddress'), '/registeredAddress/full'])
    const [code, path] = await refused(credential, ['/legalName'])
    expect([code, String(path).startsWith('/registeredAddress/')]).toEqual(['DFFT_DISCLOSURE', true])
  })

  test('of one that conceals the whole only, where a part was agreed', async () => {
    const credential = await kept([...without('/registeredAddress'), '/registeredAddress'])
    const [code, path] = await refused(credential, ['/registeredAddress/country'])
    expect([code, String(path).startsWith('/registeredAddress/')]).toEqual(['DFFT_DISCLOSURE', true])
    expect(await refused(credential, ['/registeredAddress'])).toEqual(['shown', undefined])
  })

  test('of one that conceals an array whole only, where the name of one representative was agreed', async () => {
    const credential = await kept([...without('/representatives'), '/representatives'])
    const [code, path] = await refused(credential, ['/representatives/0/name'])
    expect([code, String(path).startsWith('/representatives/*/')]).toEqual(['DFFT_DISCLOSURE', true])
  })

  test('of a name that only begins like one that was agreed', async () => {
    const credential = await kept(without('/legalStatus'))
    const [code, path] = await refused(credential, ['/legal'])
    expect([code, String(path).startsWith('/legalStatus/')]).toEqual(['DFFT_DISCLOSURE', true])
  })

  test('of a credential in an encoding that shows all or nothing', async () => {
    const whole = { ...(await kept()), encodings: [{ format: 'vc+jwt' as const, text: 'a.b.c' }] }
    expect(await refused(whole, ['/legalName'])).toEqual(['DFFT_CREDENTIAL_FORMAT', undefined])
  })
})
