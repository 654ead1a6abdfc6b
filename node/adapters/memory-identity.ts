/** Identifiers without Veramo: the simulator runs hundreds of nodes in one process, and Veramo takes 100 MB. Same DIDs, same records. */
import type { Clock, Identifiers, KeyVault, Store } from '../ports.ts'
import { type FreshKey, identifierOf, makeIdentifier, savedIdentifiers, saveIdentifier } from './identifier-methods.ts'

export function memoryIdentity({ store, vault, clock }: { readonly store: Store; readonly vault: KeyVault; readonly clock: Clock }): Identifiers {
  const fresh = async (): Promise<FreshKey> => {
    const ref = await vault.create('EdDSA')
    return { ref, publicJwk: await vault.publicKey(ref), sign: (bytes) => vault.sign(ref, bytes) }
  }
  return {
    async create(wish) {
      const record = await makeIdentifier(wish, fresh, clock.nowMs())
      await saveIdentifier(store, record)
      return identifierOf(record)
    },
    async list() {
      return (await savedIdentifiers(store)).map(identifierOf)
    },
  }
}
