import { createHash } from 'node:crypto'
import { link, mkdir, mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { canonical } from '#protocols/canonical.ts'
import { argon2Defaults, createFileKeyVault, openFileKeyVault } from './file-key-vault.ts'
import { keyVaultContract } from './key-vault.contract.ts'
import { sodiumSigner } from './sodium.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-vault-'))
afterAll(() => rm(folder, { recursive: true }))

const passphrase = Buffer.from('correct horse battery staple')
const cheap = { memoryKiB: 64, passes: 1, lanes: 1 }
let count = 0

async function freshPath(): Promise<string> {
  const dir = join(folder, String(count++))
  await mkdir(dir)
  return join(dir, 'keys.json')
}

keyVaultContract('a vault in a file', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const reopen = async () => {
    await vault[Symbol.asyncDispose]()
    return openFileKeyVault(path, passphrase)
  }
  return { vault, reopen }
})

keyVaultContract('a vault in a file that signs with libsodium', async () => {
  const path = await freshPath()
  await (await createFileKeyVault(path, passphrase, cheap))[Symbol.asyncDispose]()
  const open = async () => openFileKeyVault(path, passphrase, await sodiumSigner())
  const vault = await open()
  const reopen = async () => {
    await vault[Symbol.asyncDispose]()
    return open()
  }
  return { vault, reopen }
})

it('with libsodium and without, the same bytes get the same signature', async () => {
  const signer = await sodiumSigner()
  expect(signer).toBeDefined()
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const refs = [await vault.create('EdDSA'), await vault.create('EdDSA')]
  const faster = await openFileKeyVault(path, passphrase, signer)
  for (const ref of refs)
    for (const text of ['', 'a', '署名', 'x'.repeat(9000)])
      expect(Buffer.from(await faster.sign(ref, Buffer.from(text)))).toEqual(Buffer.from(await vault.sign(ref, Buffer.from(text))))
})

it('a passphrase costs 64 MiB and three passes unless a test asks for less', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase)
  const { kdf } = JSON.parse(await readFile(path, 'utf8')).content.header
  expect(kdf).toMatchObject({ name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 4 })
  expect(argon2Defaults).toEqual({ memoryKiB: 65_536, passes: 3, lanes: 4 })
  const ref = await vault.create('EdDSA')
  expect(await (await openFileKeyVault(path, passphrase)).publicKey(ref)).toEqual(await vault.publicKey(ref))
})

it('only its owner can read the file, after each rewriting too, and nothing else is left beside it', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await vault.destroy(await vault.create('ES256'))
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(path, '..'))).toEqual(['keys.json'])
})

it('another passphrase, or none, opens nothing', async () => {
  const path = await freshPath()
  await (await createFileKeyVault(path, passphrase, cheap)).create('EdDSA')
  for (const wrong of ['correct horse battery stapl', 'Correct horse battery staple', '', 'x'.repeat(1025)]) {
    await expect(openFileKeyVault(path, Buffer.from(wrong))).rejects.toMatchObject({ code: 'DFFT_PASSPHRASE' })
  }
})

it('every bit of the file matters', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, { memoryKiB: 32, passes: 1, lanes: 1 })
  await vault.create('EdDSA')
  await vault.create('A256GCM')
  const bytes = await readFile(path)
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at] = changed[at]! ^ (1 << (at % 8))
    await writeFile(path, changed)
    await expect(openFileKeyVault(path, passphrase)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
  }
  for (const cut of [0, 1, bytes.length / 2, bytes.length - 1]) {
    await writeFile(path, bytes.subarray(0, cut))
    await expect(openFileKeyVault(path, passphrase)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
  }
  await writeFile(path, bytes)
  await expect(openFileKeyVault(path, passphrase)).resolves.toBeDefined()
})

it('an attacker who mends the checksum can neither remove, move, rename nor retype an entry, nor change the header', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const one = await vault.create('EdDSA')
  const two = await vault.create('A256GCM')
  const original = JSON.parse(await readFile(path, 'utf8'))
  const forge = async (change: (content: typeof original.content) => void) => {
    const file = structuredClone(original)
    change(file.content)
    file.checksum = createHash('sha256').update(canonical(file.content)).digest('base64url')
    await writeFile(path, `${canonical(file)}\n`)
    return openFileKeyVault(path, passphrase)
  }
  const damaged = { code: 'DFFT_KEYSTORE' }
  await expect(forge((content) => delete content.entries[one])).rejects.toMatchObject(damaged)
  await expect(forge(({ entries }) => Object.assign(entries, { [one]: entries[two], [two]: entries[one] }))).rejects.toMatchObject(damaged)
  await expect(forge(({ entries }) => Object.assign(entries, { [`key-${'0'.repeat(32)}`]: entries[one] }))).rejects.toMatchObject(damaged)
  await expect(forge(({ entries }) => Object.assign(entries[two], { kind: 'EdDSA' }))).rejects.toMatchObject(damaged)
  await expect(forge(({ header }) => Object.assign(header, { format: 'dfft-keystore/2' }))).rejects.toMatchObject(damaged)
  // Other parameters make another key: to the reader that is a wrong passphrase, and a terabyte is not tried.
  await expect(forge(({ header }) => Object.assign(header.kdf, { passes: 2 }))).rejects.toMatchObject({ code: 'DFFT_PASSPHRASE' })
  await expect(forge(({ header }) => Object.assign(header.kdf, { memoryKiB: 2 ** 30 }))).rejects.toMatchObject(damaged)
  await expect(forge(() => {})).resolves.toBeDefined()
})

it('an existing file is never replaced by a new vault, and a missing one is not made by opening', async () => {
  const path = await freshPath()
  await writeFile(path, 'anything')
  await expect(createFileKeyVault(path, passphrase, cheap)).rejects.toMatchObject({ code: 'DFFT_ALREADY_INITIALISED' })
  expect(await readFile(path, 'utf8')).toBe('anything')
  await expect(openFileKeyVault(`${path}.missing`, passphrase)).rejects.toMatchObject({ code: 'DFFT_NOT_FOUND' })
  await expect(createFileKeyVault(join(folder, 'no', 'such', 'folder'), passphrase, cheap)).rejects.toMatchObject({ code: 'DFFT_NOT_WRITABLE' })
})

it('a file that somebody else changed is not overwritten, and the vault writes no more', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  await writeFile(path, 'restored from a backup')
  await expect(vault.create('EdDSA')).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
  await expect(vault.create('EdDSA')).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
  expect(await readFile(path, 'utf8')).toBe('restored from a backup')
})

it('a write that cannot be made leaves the old keys in use and makes no new one', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const ref = await vault.create('EdDSA')
  await mkdir(`${path}.new`)
  await expect(vault.create('EdDSA')).rejects.toMatchObject({ code: 'DFFT_STORE' })
  await expect(vault.publicKey(ref)).resolves.toBeDefined()
})

it('what a crash left half-written is removed at the next opening', async () => {
  const path = await freshPath()
  await createFileKeyVault(path, passphrase, cheap)
  await writeFile(`${path}.new`, await readFile(path))
  await openFileKeyVault(path, passphrase)
  expect(await readdir(join(path, '..'))).toEqual(['keys.json'])
})

it('destroying a key overwrites the file that held it, but not a backup that shares it', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const [first, second] = [await vault.create('A256GCM'), await vault.create('A256GCM')]
  await using before = await open(path, 'r')
  await vault.destroy(first)
  expect((await before.readFile()).every((byte) => byte === 0)).toBe(true)
  expect(await readFile(path, 'utf8')).not.toContain(first)
  await link(path, `${path}.backup`)
  const backup = await readFile(path)
  await vault.destroy(second)
  expect((await readFile(`${path}.backup`)).equals(backup)).toBe(true)
})

it('the file holds no key in clear', async () => {
  const path = await freshPath()
  const vault = await createFileKeyVault(path, passphrase, cheap)
  const ref = await vault.create('EdDSA')
  const text = await readFile(path, 'utf8')
  expect(text).not.toContain((await vault.publicKey(ref)).x)
  expect(text).not.toContain(passphrase.toString())
  expect(text).not.toContain(passphrase.toString('base64url'))
})
