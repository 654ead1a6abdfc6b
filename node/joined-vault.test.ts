import { expect, it } from 'vitest'
import { verifies, verifyKey } from '#protocols/keys.ts'
import { keyVaultContract } from './adapters/key-vault.contract.ts'
import { MemoryKeyVault } from './adapters/memory-key-vault.ts'
import { systemRandom } from './adapters/system.ts'
import { joinedVault } from './joined-vault.ts'
import type { KeyVault } from './ports.ts'

keyVaultContract('two vaults as one', async () => {
  const [first, second] = [new MemoryKeyVault(systemRandom), new MemoryKeyVault(systemRandom)]
  const vault = joinedVault(first, second)
  const reopen = async () => {
    const [left, right] = [first.snapshot(), second.snapshot()]
    await vault[Symbol.asyncDispose]()
    return joinedVault(new MemoryKeyVault(systemRandom, left), new MemoryKeyVault(systemRandom, right))
  }
  return { vault, reopen }
})

it('new keys lie in the first, and those of the second are used and destroyed where they are', async () => {
  const [first, second] = [new MemoryKeyVault(systemRandom), new MemoryKeyVault(systemRandom)]
  const old = await second.create('EdDSA')
  const vault = joinedVault(first, second)
  const made = await vault.create('EdDSA')
  expect(first.snapshot().map(([ref]) => ref)).toEqual([made])
  const bytes = Buffer.from('signed by the old key')
  expect(verifies(verifyKey(await second.publicKey(old)), bytes, await vault.sign(old, bytes))).toBe(true)
  await vault.destroy(old)
  await expect(second.sign(old, bytes)).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
})

it('a first vault that is ill is not passed over', async () => {
  const [ill, second] = [new MemoryKeyVault(systemRandom), new MemoryKeyVault(systemRandom)]
  const ref = await second.create('A256GCM')
  const sealed = await second.seal(ref, Buffer.from('x'), Buffer.from('y'))
  await expect(joinedVault(second, ill).open(ref, sealed, Buffer.from('z'))).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
  const closed: KeyVault = joinedVault(ill, second)
  await ill[Symbol.asyncDispose]()
  await expect(closed.create('EdDSA')).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
})
