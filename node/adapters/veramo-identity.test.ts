import { execFileSync } from 'node:child_process'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { identifiersContract, testNeeds } from './identifiers.contract.ts'
import { memoryIdentity } from './memory-identity.ts'
import { veramoAgent, veramoIdentity } from './veramo-identity.ts'

describe('identifiers through Veramo', () => identifiersContract(veramoIdentity))

const notAllowed = { code: 'DFFT_NOT_ALLOWED' }
const privateKeyHex = '11'.repeat(32)

test('both implementations read what the other wrote', async () => {
  const needs = testNeeds()
  const created = [await veramoIdentity(needs).create({ method: 'key' }), await memoryIdentity(needs).create({ method: 'key' })]
  for (const identifiers of [veramoIdentity(needs), memoryIdentity(needs)]) expect(await identifiers.list()).toEqual(expect.arrayContaining(created))
})

test('the agent hands out names of keys and public keys, and nothing private, in whatever it returns or holds', async () => {
  const needs = testNeeds()
  const agent = await veramoAgent(needs)
  const made = await agent.didManagerCreate({ provider: 'did:key', options: { wish: { method: 'key' } } })
  const returned = [
    made,
    await agent.didManagerGet({ did: made.did }),
    await agent.didManagerFind({}),
    await agent.didManagerFind({ provider: 'did:key' }),
    await agent.keyManagerGet({ kid: made.keys[0]!.kid }),
    await agent.keyManagerCreate({ type: 'Secp256r1', kms: 'vault' }),
  ]
  const seen = JSON.stringify(returned) + inspect(agent, { depth: 12, showHidden: true, maxArrayLength: null })
  for (const secret of needs.vault.secrets()) expect(seen).not.toContain(secret)
  expect(needs.vault.secrets()).toHaveLength(2 * 4)
  expect(JSON.stringify(returned)).not.toMatch(/privateKey|"d":/)
  expect(returned[2]).toEqual([made])
})

test('the agent refuses to import, export or use a key in a way that the vault does not know', async () => {
  const needs = testNeeds()
  const agent = await veramoAgent(needs)
  const { did, keys } = await agent.didManagerCreate({ provider: 'did:key', options: { wish: { method: 'key' } } })
  const [key] = keys
  const before = [...needs.store.entries]
  const foreign = { kid: 'x', kms: 'vault', type: 'Ed25519', publicKeyHex: '22'.repeat(32), privateKeyHex }
  const attempts = [
    () => agent.keyManagerImport(foreign),
    () => agent.didManagerImport({ did: 'did:key:z6Mk', provider: 'did:key', keys: [foreign] }),
    () => agent.didManagerAddKey({ did, key: foreign }),
    () => agent.didManagerAddKey({ did, key: foreign, options: { localOnly: true } }),
    () => agent.didManagerAddKey({ did, key: { ...foreign, meta: key!.meta! }, options: { localOnly: true } }),
    () => agent.didManagerAddService({ did, service: { id: '#a', type: 'x', serviceEndpoint: 'x' }, options: { localOnly: true } }),
    () => agent.didManagerSetAlias({ did, alias: 'us' }),
    () => agent.didManagerDelete({ did }),
    () => agent.didManagerUpdate({ did, document: {} }),
    () => agent.didManagerCreate({ provider: 'did:key' }),
    () => agent.keyManagerSharedSecret({ secretKeyRef: key!.kid, publicKey: foreign }),
    () => agent.keyManagerEncryptJWE({ kid: key!.kid, to: foreign, data: '' }),
    () => agent.keyManagerDecryptJWE({ kid: key!.kid, data: '' }),
    () => agent.keyManagerSignJWT({ kid: key!.kid, data: '' }),
    () => agent.keyManagerSignEthTX({ kid: key!.kid, transaction: {} }),
  ]
  for (const attempt of attempts) await expect(attempt(), String(attempt)).rejects.toMatchObject(notAllowed)
  await expect(agent.keyManagerCreate({ type: 'Secp256k1', kms: 'vault' })).rejects.toMatchObject({ code: 'DFFT_ALGORITHM' })
  await expect(agent.keyManagerGet({ kid: 'x' })).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
  await expect(agent.didManagerGetByAlias({ alias: 'us' })).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  expect([...needs.store.entries]).toEqual(before)
})

test('a node that lists its identifiers has not loaded Veramo, and one that creates one has', () => {
  const script = `
    import { registerHooks } from 'node:module'
    let loaded = false
    registerHooks({ resolve: (name, context, next) => { if (name.startsWith('@veramo/')) loaded = true; return next(name, context) } })
    const { veramoIdentity } = await import('#node/adapters/veramo-identity.ts')
    const entries = new Map()
    const store = { get: async (key) => entries.get(key), batch: async (writes) => { for (const { put, value } of writes) entries.set(put, value) }, scan: async function* () { yield* entries } }
    const { generateKeyPairSync, sign } = await import('node:crypto')
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const vault = { create: async () => 'a', publicKey: async () => publicKey.export({ format: 'jwk' }), sign: async (_, bytes) => sign(null, bytes, privateKey) }
    const identifiers = veramoIdentity({ store, vault, clock: { nowMs: () => 1790000000000 } })
    await identifiers.list()
    const before = loaded
    await identifiers.create({ method: 'key' })
    console.log(JSON.stringify([before, loaded, (await identifiers.list()).length]))`
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: new URL('../..', import.meta.url), encoding: 'utf8' })
  expect(JSON.parse(output)).toEqual([false, true, 1])
})
