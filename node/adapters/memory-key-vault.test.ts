import { createHash, createPublicKey, verify } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Random } from '../ports.ts'
import { keyVaultContract } from './key-vault.contract.ts'
import { MemoryKeyVault } from './memory-key-vault.ts'

/** SHA-256 of a seed and a counter. */
function seeded(seed: string): Random {
  let counter = 0
  return {
    bytes: (count) => {
      const parts: Uint8Array[] = []
      for (let made = 0; made < count; made += 32) parts.push(createHash('sha256').update(`${seed} ${counter++}`).digest())
      return Buffer.concat(parts).subarray(0, count)
    },
  }
}

keyVaultContract('a vault in memory', async () => {
  const random = seeded('contract')
  const vault = new MemoryKeyVault(random)
  const reopen = async () => {
    const held = vault.snapshot()
    await vault[Symbol.asyncDispose]()
    return new MemoryKeyVault(random, held)
  }
  return { vault, reopen }
})

it('a seed replays: names, keys, signatures and sealed values are the same again', async () => {
  const run = async (seed: string) => {
    const vault = new MemoryKeyVault(seeded(seed))
    const [ed, ec, aes] = [await vault.create('EdDSA'), await vault.create('ES256'), await vault.create('A256GCM')]
    const bytes = Buffer.from('sample')
    return [
      ed,
      await vault.publicKey(ed),
      await vault.publicKey(ec),
      await vault.sign(ed, bytes),
      await vault.sign(ec, bytes),
      await vault.seal(aes, bytes, bytes),
    ]
  }
  expect(await run('7')).toEqual(await run('7'))
  expect(await run('7')).not.toEqual(await run('8'))
})

it('ES256 nonces are those of RFC 6979, A.2.5', async () => {
  const secret = Buffer.from('c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721', 'hex')
  const vault = new MemoryKeyVault({ bytes: (count) => secret.subarray(0, count) })
  const ref = await vault.create('ES256')
  const signature = Buffer.from(await vault.sign(ref, Buffer.from('sample'))).toString('hex')
  expect(signature).toBe('efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8')
})

it('ES256 signatures satisfy OpenSSL for many messages', async () => {
  const vault = new MemoryKeyVault(seeded('openssl'))
  const ref = await vault.create('ES256')
  const key = createPublicKey({ key: { ...(await vault.publicKey(ref)) }, format: 'jwk' })
  for (let at = 0; at < 100; at++) {
    const bytes = Buffer.from(String(at))
    expect(verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, await vault.sign(ref, bytes))).toBe(true)
  }
})
