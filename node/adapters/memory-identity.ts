/** Identifiers without Veramo: the simulator runs hundreds of nodes in one process, and Veramo takes 100 MB. Same DIDs, same records. */
import type { Did } from '#protocols/ids.ts'
import type { Clock, Identifier, Identifiers, KeyRef, KeyVault, Store } from '../ports.ts'
import {
  approvedIdentifier,
  type Change,
  changedIdentifier,
  existing,
  type FreshKey,
  type IdentifierRecord,
  identifierOf,
  type Keys,
  makeIdentifier,
  savedIdentifiers,
  saveIdentifier,
  spentKeys,
} from './identifier-methods.ts'

export function memoryIdentity({ store, vault, clock }: { readonly store: Store; readonly vault: KeyVault; readonly clock: Clock }): Identifiers {
  const held: Keys['held'] = ({ ref, publicJwk }): FreshKey => {
    const keyRef = ref as KeyRef // The vault named it.
    return { ref: keyRef, publicJwk, sign: (bytes) => vault.sign(keyRef, bytes) }
  }
  const fresh = async (): Promise<FreshKey> => {
    const ref = await vault.create('EdDSA')
    return held({ ref, publicJwk: await vault.publicKey(ref) })
  }
  const change = async (did: Did, wish: Change): Promise<Identifier> => {
    return replaced(did, (before) => changedIdentifier(before, wish, { fresh, held }, clock.nowMs()))
  }
  const replaced = async (did: Did, make: (before: IdentifierRecord) => IdentifierRecord | Promise<IdentifierRecord>): Promise<Identifier> => {
    const before = await existing(store, did)
    const after = await make(before)
    await saveIdentifier(store, after)
    for (const ref of spentKeys(before, after)) await vault.destroy(ref).catch(() => undefined) // It is of no use to anybody; that it is still there must not hide what happened.
    return identifierOf(after)
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
    rotate: (did, wish) => change(did, { kind: 'rotate', ...wish }),
    approve: (did, approval) => replaced(did, (before) => approvedIdentifier(before, approval, clock.nowMs())),
    deactivate: (did, wish) => change(did, { kind: 'deactivate', ...wish }),
  }
}
