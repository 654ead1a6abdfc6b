import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { codeOf } from '#protocols/errors.ts'
import type { KeyRef, KeyVault } from '../ports.ts'
import { keyVaultContract } from './key-vault.contract.ts'
import { openPkcs11KeyVault, type Pkcs11Settings } from './pkcs11-key-vault.ts'
import { pin, softHsm, softToken } from './soft-token.fixture.ts'

const folder = await mkdtemp(join(tmpdir(), 'dfft-token-'))
afterAll(() => rm(folder, { recursive: true }))

const here = await softHsm()
let count = 0
const opened: KeyVault[] = []
// The library is one for the whole process: who opens a token has closed the one before.
const closeAll = () => Promise.all(opened.splice(0).map((vault) => vault[Symbol.asyncDispose]()))
afterEach(closeAll)

async function openToken(settings: Pkcs11Settings, userPin = pin): Promise<KeyVault> {
  await closeAll()
  const found = await openPkcs11KeyVault(settings, userPin)
  if ('absent' in found) throw new Error(found.absent)
  opened.push(found.vault)
  return found.vault
}

it('says why there is no vault where the package or the library is not there', async () => {
  const settings = { module: '/nowhere/lib.so', tokenLabel: 'dfft' }
  expect(await openPkcs11KeyVault(settings, pin, () => Promise.reject(new Error('not installed')))).toMatchObject({
    absent: expect.stringContaining('`pkcs11js`'),
  })
  const unloadable = class {
    load(): void {
      throw new Error('cannot open shared object file')
    }
  }
  const load = async () => ({ PKCS11: unloadable, CK_PARAMS_AES_GCM: 0 }) as never // Only `load` is called.
  expect(await openPkcs11KeyVault(settings, pin, load)).toMatchObject({ absent: expect.stringContaining('/nowhere/lib.so') })
})

it('makes do with the sessions that a token grants', async () => {
  const session = Buffer.alloc(1)
  let granted = 0
  const load = async () => ({ PKCS11: stingy, CK_PARAMS_AES_GCM: 0 }) as never // What is not called is left out.
  const stingy = class {
    load = () => undefined
    close = () => undefined
    C_Initialize = () => undefined
    C_Finalize = () => undefined
    C_GetSlotList = () => [session]
    C_GetTokenInfo = () => ({ label: 'dfft' })
    C_Login = () => undefined
    C_OpenSession() {
      if (granted++ > 0) throw Object.assign(new Error('C_OpenSession'), { code: 0xb1 }) // CKR_SESSION_COUNT
      return session
    }
    C_GenerateKeyAsync = async () => session
  }
  const found = await openPkcs11KeyVault({ module: '/lib.so', tokenLabel: 'dfft' }, pin, load)
  if ('absent' in found) throw new Error(found.absent)
  await using vault = found.vault
  const made = await Promise.all([vault.create('A256GCM'), vault.create('A256GCM'), vault.create('A256GCM')])
  expect(new Set(made).size).toBe(3)
})

it('makes a key while nothing else goes on in the token, and signs with several sessions', async () => {
  const handle = Buffer.alloc(1)
  let atWork = 0
  const seen: string[] = []
  async function noted(what: string): Promise<Buffer> {
    atWork++
    await new Promise(setImmediate)
    seen.push(`${what} of ${atWork}`)
    await new Promise(setImmediate)
    atWork--
    return Buffer.alloc(64)
  }
  const load = async () => ({ PKCS11: watched, CK_PARAMS_AES_GCM: 0 }) as never // What is not called is left out.
  const watched = class {
    load = () => undefined
    close = () => undefined
    C_Initialize = () => undefined
    C_Finalize = () => undefined
    C_GetSlotList = () => [handle]
    C_GetTokenInfo = () => ({ label: 'dfft' })
    C_Login = () => undefined
    C_OpenSession = () => Buffer.alloc(1)
    C_FindObjectsInit = () => undefined
    C_FindObjects = () => [handle]
    C_FindObjectsFinal = () => undefined
    C_GetAttributeValue = () => [{ value: Buffer.alloc(32, 1) }]
    C_SignInit = () => undefined
    C_SignAsync = () => noted('signing')
    C_GenerateKeyAsync = () => noted('making')
  }
  const found = await openPkcs11KeyVault({ module: '/lib.so', tokenLabel: 'dfft' }, pin, load)
  if ('absent' in found) throw new Error(found.absent)
  await using vault = found.vault
  const ref = `key-${'1'.repeat(32)}` as KeyRef
  const sign = () => vault.sign(ref, Buffer.from('x'))
  await Promise.all([sign(), sign(), vault.create('A256GCM'), sign(), sign(), vault.create('A256GCM'), vault.create('A256GCM'), sign()])
  expect(seen.filter((each) => each.startsWith('making'))).toEqual(['making of 1', 'making of 1', 'making of 1'])
  expect(seen.filter((each) => each === 'signing of 2')).toHaveLength(4)
})

if ('missing' in here) {
  it(`cannot be tried with a token on this machine: ${here.missing}`, () => {
    console.warn(`The suite of the PKCS#11 vault did not run: ${here.missing}.`)
    expect(here.missing).not.toBe('')
  })
} else {
  const fresh = (labels?: readonly string[]) => softToken(join(folder, String(count++)), here.module, labels)

  keyVaultContract('a vault in a token of SoftHSM2', async () => {
    await closeAll()
    const settings = await fresh()
    return { vault: await openToken(settings), reopen: () => openToken(settings) }
  })

  describe('a token', () => {
    it('keeps its private keys: they are sensitive, not extractable, and their value is refused', async () => {
      const settings = await fresh()
      const vault = await openToken(settings)
      for (const kind of ['EdDSA', 'ES256', 'A256GCM'] as const) await vault.create(kind)
      await closeAll()
      const objects = await privateObjects(settings)
      expect(objects).toEqual(Array.from({ length: 3 }, () => ({ sensitive: 1, extractable: 0, alwaysSensitive: 1, value: 'CKR_ATTRIBUTE_SENSITIVE' })))
    })

    it('has nothing left of a key that was destroyed', async () => {
      const settings = await fresh()
      const vault = await openToken(settings)
      for (const kind of ['EdDSA', 'ES256', 'A256GCM'] as const) await vault.destroy(await vault.create(kind))
      await closeAll()
      expect(await objectCount(settings)).toBe(0)
    })

    it('opens with its PIN only, and is found by its label only', async () => {
      const settings = await fresh(['dfft', 'other', 'twice', 'twice'])
      await expect(openToken(settings, '999999')).rejects.toMatchObject({ code: 'DFFT_PASSPHRASE' })
      await expect(openToken({ ...settings, tokenLabel: 'absent' })).rejects.toMatchObject({ code: 'DFFT_HSM', facts: { count: 0 } })
      await expect(openToken({ ...settings, tokenLabel: 'twice' })).rejects.toMatchObject({ code: 'DFFT_HSM', facts: { count: 2 } })
      const ref = await (await openToken(settings)).create('EdDSA')
      await expect((await openToken({ ...settings, tokenLabel: 'other' })).sign(ref, Buffer.from('x'))).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
    })

    it('that has ended the login is not said to have lost its keys', async () => {
      const settings = await fresh()
      const vault = await openToken(settings)
      const refs = [await vault.create('EdDSA'), await vault.create('A256GCM')] as const
      const used = await vault.create('ES256')
      await vault.sign(used, Buffer.from('x'))
      expect(await vault.publicKey(`key-${'0'.repeat(32)}` as KeyRef).catch(codeOf)).toBe('DFFT_KEY_UNKNOWN')
      await loggedOut(settings)
      const acts = [
        () => vault.publicKey(refs[0]),
        () => vault.whereabouts(refs[0]),
        () => vault.seal(refs[1], Buffer.from('x'), Buffer.from('y')),
        () => vault.sign(used, Buffer.from('x')),
        () => vault.destroy(refs[0]),
      ]
      for (const act of acts) expect(await act().catch(codeOf)).toBe('DFFT_HSM')
      const again = await openToken(settings)
      expect(await again.publicKey(refs[0])).toMatchObject({ crv: 'Ed25519' })
    })

    it('says that a second vault of one process is refused', async () => {
      const settings = await fresh()
      await openToken(settings)
      await expect(openPkcs11KeyVault(settings, pin)).rejects.toMatchObject({ code: 'DFFT_HSM' })
      expect(await opened[0]?.create('EdDSA')).toMatch(/^key-/)
    })
  })
}

/** The token as another program of its user sees it. */
async function withToken<T>({ module }: Pkcs11Settings, look: (library: Library, session: Buffer) => T): Promise<T> {
  const { default: found } = (await import('pkcs11js' as string)) as { default: { PKCS11: new () => Library } }
  const library = new found.PKCS11()
  library.load(module)
  library.C_Initialize()
  try {
    const slot = library.C_GetSlotList(true).find((each) => library.C_GetTokenInfo(each).label.trim() === 'dfft')
    const session = library.C_OpenSession(slot!, 6)
    library.C_Login(session, 1, pin)
    return look(library, session)
  } finally {
    library.C_Finalize()
    library.close()
  }
}

/** As after a reset: within one process a login is of all its sessions. */
async function loggedOut({ module }: Pkcs11Settings): Promise<void> {
  const { default: found } = (await import('pkcs11js' as string)) as { default: { PKCS11: new () => Library } }
  const library = new found.PKCS11()
  library.load(module)
  const slot = library.C_GetSlotList(true).find((each) => library.C_GetTokenInfo(each).label.trim() === 'dfft')
  const session = library.C_OpenSession(slot!, 6)
  library.C_Logout(session)
  library.C_CloseSession(session)
  library.close()
}

interface Library {
  C_Logout(session: Buffer): void
  C_CloseSession(session: Buffer): void
  load(path: string): void
  close(): void
  C_Initialize(): void
  C_Finalize(): void
  C_GetSlotList(present: boolean): Buffer[]
  C_GetTokenInfo(slot: Buffer): { label: string }
  C_OpenSession(slot: Buffer, flags: number): Buffer
  C_Login(session: Buffer, user: number, pin: string): void
  C_FindObjectsInit(session: Buffer, template: object[]): void
  C_FindObjects(session: Buffer, max: number): Buffer[]
  C_FindObjectsFinal(session: Buffer): void
  C_GetAttributeValue(session: Buffer, object: Buffer, template: object[]): { value: Buffer }[]
}

function all(library: Library, session: Buffer, template: object[]): Buffer[] {
  library.C_FindObjectsInit(session, template)
  const objects = library.C_FindObjects(session, 100)
  library.C_FindObjectsFinal(session)
  return objects
}

function objectCount(settings: Pkcs11Settings): Promise<number> {
  return withToken(settings, (library, session) => all(library, session, []).length)
}

function privateObjects(settings: Pkcs11Settings) {
  return withToken(settings, (library, session) =>
    all(library, session, [{ type: 0x02, value: true }]).map((object) => {
      const flag = (type: number) => library.C_GetAttributeValue(session, object, [{ type }])[0]!.value[0]
      let value = 'shown'
      try {
        library.C_GetAttributeValue(session, object, [{ type: 0x11 }])
      } catch (refused) {
        value = (refused as Error).message
      }
      return { sensitive: flag(0x103), extractable: flag(0x162), alwaysSensitive: flag(0x165), value }
    }),
  )
}
