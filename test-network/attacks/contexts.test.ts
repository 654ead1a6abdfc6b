/** Contexts that a stranger chooses: none is fetched, and none gives a word of ours another meaning (design for security, row 7). */
import { expect, test } from 'vitest'
import type { JsonObject } from '#protocols/credential/jws.ts'
import { checkCredential, contextV2 } from '#protocols/credential/vcdm.ts'
import { codeOf } from '#protocols/errors.ts'
import type { Json } from '#protocols/json.ts'

const base: JsonObject = { type: ['VerifiableCredential'], issuer: 'did:web:registry.example', credentialSubject: { id: 'did:key:z6Mk' } }
const other = 'https://attacker.example/#x'

const refused: readonly (readonly [string, Json])[] = [
  ['none', null],
  ['text', contextV2],
  ['an object', { '@vocab': other }],
  ['an empty list', []],
  ['of the model before', ['https://www.w3.org/2018/credentials/v1']],
  ['of both models, the old one first', ['https://www.w3.org/2018/credentials/v1', contextV2]],
  ['that begins with the attacker’s', ['https://attacker.example/v2', contextV2]],
  ['that begins with its own terms', [{ issuer: other }, contextV2]],
  ['of the model with a slash', [`${contextV2}/`]],
  ['of the model with a fragment', [`${contextV2}#`]],
  ['of the model over http', ['http://www.w3.org/ns/credentials/v2']],
  ['of the model in capitals', ['https://www.w3.org/NS/credentials/v2']],
  ['of the model with a port', ['https://www.w3.org:443/ns/credentials/v2']],
  ['with a relative one', [contextV2, '../v2']],
  ['with a file without scheme', [contextV2, '/etc/passwd']],
  ['with a space in it', [contextV2, 'https://attacker.example/ x']],
  ['with a number', [contextV2, 1]],
  ['with null', [contextV2, null]],
  ['with a list', [contextV2, [contextV2]]],
  ['with true', [contextV2, true]],
  ...['id', 'type', 'name', 'description', 'VerifiableCredential', 'VerifiablePresentation', 'BitstringStatusListEntry', 'DataIntegrityProof'].map(
    (term) => [`that defines \`${term}\` anew`, [contextV2, { [term]: other }]] as const,
  ),
  ...['iss', 'sub', 'exp', 'nbf', 'iat', 'cnf', '_sd', '...', '_sd_alg', 'kid'].map(
    (term) => [`that defines \`${term}\` anew`, [contextV2, { [term]: other }]] as const,
  ),
  ['that takes a term away', [contextV2, { VerifiableCredential: null }]],
  ['that defines a term anew with an object', [contextV2, { name: { '@id': other, '@protected': false } }]],
  ['that gives an alias another meaning', [contextV2, { id: other, type: '@type' }]],
  ['that overrides a protected term of its own', [contextV2, { '@protected': true, t: 'urn:t:1' }, { t: 'urn:t:2' }]],
  ['that overrides one after another context', [contextV2, { t: { '@id': 'urn:t:1', '@protected': true } }, 'https://a.example/v1', { t: 'urn:t:2' }]],
  ['that maps a term to a number', [contextV2, { t: 1 }]],
  ['that maps a term to nothing in particular', [contextV2, { t: 'somewhere' }]],
  ['that maps a term to white space', [contextV2, { t: 'urn: t' }]],
  ['that maps a term to markup', [contextV2, { t: 'https://a.example/<script>' }]],
  ['that leaves a type without meaning', [contextV2, { '@vocab': null }]],
]

function verdict(context: Json, more: JsonObject = {}): string {
  try {
    checkCredential({ '@context': context, ...base, ...more })
    return 'accepted'
  } catch (thrown) {
    return codeOf(thrown)
  }
}

test(`of ${refused.length} contexts that give a word another meaning, or none, each is refused`, () => {
  for (const [what, context] of refused)
    expect(verdict(context, what.endsWith('without meaning') ? { type: ['VerifiableCredential', 'T'] } : {}), what).toBe('DFFT_CREDENTIAL_SCHEMA')
  expect(refused.length).toBeGreaterThanOrEqual(40)
})

test('a foreign context is let stand as a name, and nothing of it is read: nobody is asked for it', () => {
  // The room has no way out: protocols import neither a file system nor a network, which tidy.test.ts holds.
  for (const context of ['https://attacker.example/v1', 'https://127.0.0.1/v1', 'file:///etc/passwd', 'ipfs://x', 'urn:context:1'])
    expect(verdict([contextV2, context]), context).toBe('accepted')
})

test('a context inside a context is data: it is not entered, however deep it goes or whether it holds itself', () => {
  const nested = (depth: number): JsonObject => (depth === 0 ? { t: 'urn:t' } : { t: { '@id': 'urn:t', '@context': nested(depth - 1) } })
  expect(verdict([contextV2, nested(12)])).toBe('accepted')
  const round: Record<string, unknown> = { t: { '@id': 'urn:t' } }
  ;(round.t as Record<string, unknown>)['@context'] = round
  expect(verdict([contextV2, round as JsonObject])).toBe('accepted')
})
