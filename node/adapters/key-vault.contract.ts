/** What every KeyVault must do. */
import { describe, expect, it } from 'vitest'
import { verifies, verifyKey } from '#protocols/keys.ts'
import type { KeyRef, KeyVault } from '../ports.ts'

export interface VaultUnderTest {
  readonly vault: KeyVault
  /** Closes the vault and opens what it left behind. */
  reopen(): Promise<KeyVault>
}

const message = Buffer.from('the bytes to sign')
const context = Buffer.from('the context')

export function keyVaultContract(name: string, open: () => Promise<VaultUnderTest>): void {
  describe(name, () => {
    for (const algorithm of ['EdDSA', 'ES256'] as const) {
      it(`makes ${algorithm} keys whose signatures verify under their public key, also after a restart`, async () => {
        const { vault, reopen } = await open()
        const ref = await vault.create(algorithm)
        const key = verifyKey(await vault.publicKey(ref))
        expect(key.algorithm).toBe(algorithm)
        for (let at = 0; at < 40; at++) {
          const bytes = Buffer.from(`message ${at}`)
          const signature = await vault.sign(ref, bytes)
          expect(signature.length).toBe(64)
          expect(verifies(key, bytes, signature)).toBe(true)
          expect(verifies(key, message, signature)).toBe(false)
        }
        const again = await reopen()
        expect(await again.publicKey(ref)).toEqual(key.jwk)
        expect(verifies(key, message, await again.sign(ref, message))).toBe(true)
      })
    }

    it('seals what only the same key and context open, also after a restart', async () => {
      const { vault, reopen } = await open()
      const ref = await vault.create('A256GCM')
      const other = await vault.create('A256GCM')
      const sealed = await vault.seal(ref, message, context)
      expect(await vault.seal(ref, message, context)).not.toEqual(sealed)
      expect(Buffer.from(sealed).includes(message)).toBe(false)
      await expect(vault.open(other, sealed, context)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
      await expect(vault.open(ref, sealed, Buffer.from('another'))).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
      expect(Buffer.from(await (await reopen()).open(ref, sealed, context)).equals(message)).toBe(true)
    })

    it('opens nothing of which a byte was changed, cut or added', async () => {
      const { vault } = await open()
      const ref = await vault.create('A256GCM')
      const sealed = await vault.seal(ref, message, context)
      for (let at = 0; at < sealed.length; at++) {
        const changed = sealed.slice()
        changed[at] = changed[at]! ^ 1
        await expect(vault.open(ref, changed, context)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
        await expect(vault.open(ref, sealed.subarray(0, at), context)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
      }
      await expect(vault.open(ref, Buffer.concat([sealed, Uint8Array.of(0)]), context)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
    })

    it('seals an empty value', async () => {
      const { vault } = await open()
      const ref = await vault.create('A256GCM')
      expect((await vault.open(ref, await vault.seal(ref, new Uint8Array(), context), context)).length).toBe(0)
    })

    it('uses a key for its own purpose only', async () => {
      const { vault } = await open()
      const signing = await vault.create('EdDSA')
      const sealing = await vault.create('A256GCM')
      const unknown = { code: 'DFFT_KEY_UNKNOWN' }
      await expect(vault.sign(sealing, message)).rejects.toMatchObject(unknown)
      await expect(vault.publicKey(sealing)).rejects.toMatchObject(unknown)
      await expect(vault.seal(signing, message, context)).rejects.toMatchObject(unknown)
      await expect(vault.open(signing, message, context)).rejects.toMatchObject(unknown)
      for (const strange of ['key-0', '', `key-${'0'.repeat(32)}`] as KeyRef[]) {
        await expect(vault.sign(strange, message)).rejects.toMatchObject(unknown)
        await expect(vault.whereabouts(strange)).rejects.toMatchObject(unknown)
      }
      expect(await vault.whereabouts(signing)).toBe(await vault.whereabouts(sealing))
    })

    it('destroys one key for good and leaves the others', async () => {
      const { vault, reopen } = await open()
      const gone = await vault.create('A256GCM')
      const kept = await vault.create('A256GCM')
      const sealed = await vault.seal(gone, message, context)
      const keptSealed = await vault.seal(kept, message, context)
      await vault.destroy(gone)
      await expect(vault.open(gone, sealed, context)).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
      await expect(vault.destroy(gone)).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
      const again = await reopen()
      await expect(again.open(gone, sealed, context)).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
      expect(Buffer.from(await again.open(kept, keptSealed, context)).equals(message)).toBe(true)
    })

    it('makes keys at the same time without losing one', async () => {
      const { vault, reopen } = await open()
      const refs = await Promise.all(Array.from({ length: 8 }, () => vault.create('EdDSA')))
      expect(new Set(refs).size).toBe(8)
      const again = await reopen()
      const keys = await Promise.all(refs.map((ref) => again.publicKey(ref)))
      expect(new Set(keys.map((key) => key.x)).size).toBe(8)
    })

    it('signs, seals and makes keys at the same time, each for itself', async () => {
      const { vault } = await open()
      const signing = await vault.create('EdDSA')
      const sealing = await vault.create('A256GCM')
      const key = verifyKey(await vault.publicKey(signing))
      const acts = Array.from({ length: 24 }, async (_, at) => {
        const bytes = Buffer.from(`message ${at}`)
        if (at % 8 === 0) await vault.create('ES256')
        if (at % 5 === 0) await expect(vault.open(sealing, message, context)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
        expect(verifies(key, bytes, await vault.sign(signing, bytes))).toBe(true)
        expect(Buffer.from(await vault.open(sealing, await vault.seal(sealing, bytes, context), context)).equals(bytes)).toBe(true)
      })
      await Promise.all(acts)
    })

    it('makes and destroys nothing once it is closed', async () => {
      const { vault, reopen } = await open()
      const ref = await vault.create('EdDSA')
      await reopen()
      await expect(vault.create('EdDSA')).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
      await expect(vault.destroy(ref)).rejects.toMatchObject({ code: 'DFFT_KEYSTORE' })
      await expect(vault.sign(ref, message)).rejects.toMatchObject({ code: 'DFFT_KEY_UNKNOWN' })
    })
  })
}
