/**
 * Identifiers through Veramo's agent: DIDManager over our store, our providers, and a key manager that is the KeyVault.
 *
 * Veramo's agent is untyped inside and prints its arguments at `DEBUG=veramo:*`, so no private key ever enters it: keys
 * are names in the vault. It costs 0.9 s and 100 MB, so it loads on the first `create` or `rotate`; a node that only starts reads
 * its identifiers from the store.
 */
import type { IAgentContext, IDIDManager, IIdentifier, IKey, IKeyManager, ManagedKeyInfo, TAgent } from '@veramo/core'
import type { AbstractDIDStore, AbstractIdentifierProvider } from '@veramo/did-manager'
import { fromBase64url, toBase64url } from '#protocols/base64url.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import type { PublicJwk } from '#protocols/keys.ts'
import type { Clock, Identifier, Identifiers, KeyRef, KeyVault, Store } from '../ports.ts'
import {
  approvedIdentifier,
  type Change,
  changedIdentifier,
  existing,
  type FreshKey,
  IdentifierRecord,
  identifierOf,
  type KeyRole,
  makeIdentifier,
  savedIdentifiers,
  saveIdentifier,
  spentKeys,
  type Wish,
} from './identifier-methods.ts'

interface Needs {
  readonly store: Store
  readonly vault: KeyVault
  readonly clock: Clock
}

export type VeramoAgent = TAgent<IDIDManager & IKeyManager>

/** The one key management system of the agent. */
const kms = 'vault'
const methods = ['key', 'jwk', 'webvh'] as const

export function veramoIdentity(needs: Needs): Identifiers {
  let agent: Promise<VeramoAgent> | undefined
  const change = async (did: Did, wish: Change): Promise<Identifier> => {
    const before = await existing(needs.store, did)
    agent ??= veramoAgent(needs)
    await (await agent).didManagerUpdate({ did, document: {}, options: { change: wish } })
    const after = await existing(needs.store, did)
    for (const kid of spentKeys(before, after)) await (await agent).keyManagerDelete({ kid }).catch(() => undefined) // It is of no use to anybody; that it is still there must not hide what happened.
    return identifierOf(after)
  }
  return {
    async create(wish) {
      agent ??= veramoAgent(needs)
      const { did } = await (await agent).didManagerCreate({ provider: `did:${wish.method}`, kms, options: { wish } })
      return identifierOf(await existing(needs.store, did))
    },
    async list() {
      return (await savedIdentifiers(needs.store)).map(identifierOf)
    },
    rotate: (did, wish) => change(did, { kind: 'rotate', ...wish }),
    // No key signs, so there is nothing for the agent to do.
    async approve(did, approval) {
      const before = await existing(needs.store, did)
      const after = approvedIdentifier(before, approval, needs.clock.nowMs())
      await saveIdentifier(needs.store, after)
      for (const ref of spentKeys(before, after)) await needs.vault.destroy(ref).catch(() => undefined) // As above.
      return identifierOf(after)
    },
    deactivate: (did, wish) => change(did, { kind: 'deactivate', ...wish }),
  }
}

/** An agent that can manage DIDs and sign, and cannot read or write a private key. */
export async function veramoAgent({ store, vault, clock }: Needs): Promise<VeramoAgent> {
  const [{ createAgent }, { DIDManager }] = await Promise.all([import('@veramo/core'), import('@veramo/did-manager')])
  const provider = new VaultProvider(store, clock)
  const providers = Object.fromEntries(methods.map((method) => [`did:${method}`, provider]))
  return createAgent<IDIDManager & IKeyManager>({
    plugins: [{ methods: { ...keyManager(vault) } }, new DIDManager({ store: new RecordStore(store), defaultProvider: 'did:key', providers })],
  })
}

/** Veramo's key manager as a view of the vault. */
function keyManager(vault: KeyVault): IKeyManager {
  return {
    keyManagerGetKeyManagementSystems: async () => [kms],
    async keyManagerCreate({ type }) {
      if (type !== 'Ed25519' && type !== 'Secp256r1') throw new TrustError('DFFT_ALGORITHM', `a key of type \`${type}\` is not made here`)
      const ref = await vault.create(type === 'Ed25519' ? 'EdDSA' : 'ES256')
      return keyInfo(ref, await vault.publicKey(ref))
    },
    keyManagerGet: async ({ kid }) => keyInfo(kid as KeyRef, await vault.publicKey(kid as KeyRef)), // The vault refuses what is no name of its own.
    async keyManagerDelete({ kid }) {
      await vault.destroy(kid as KeyRef) // As above.
      return true
    },
    keyManagerSign: async ({ keyRef, data, encoding }) => toBase64url(await vault.sign(keyRef as KeyRef, bytesOf(data, encoding))), // As above.
    keyManagerImport: () => refuse('a private key is not taken in'),
    keyManagerSharedSecret: () => refuse('a shared secret is not handed out'),
    keyManagerEncryptJWE: () => refuse('the agent does not encrypt'),
    keyManagerDecryptJWE: () => refuse('the agent does not decrypt'),
    keyManagerSignJWT: () => refuse('a JWT is signed by the node, not by the agent'),
    keyManagerSignEthTX: () => refuse('the agent signs no transactions'),
  }
}

function bytesOf(data: string, encoding: 'utf-8' | 'base16' | 'base64' | 'hex' = 'utf-8'): Uint8Array {
  return Buffer.from(data, encoding === 'base16' ? 'hex' : encoding)
}

function keyInfo(ref: KeyRef, jwk: PublicJwk, role?: KeyRole): ManagedKeyInfo {
  const meta = { algorithms: [jwk.kty === 'OKP' ? 'EdDSA' : 'ES256'], jwk, ...(role && { role }) }
  return { kid: ref, kms, type: jwk.kty === 'OKP' ? 'Ed25519' : 'Secp256r1', publicKeyHex: publicHex(jwk), meta }
}

function publicHex(jwk: PublicJwk): string {
  const hex = (coordinate: string) => Buffer.from(fromBase64url(coordinate)).toString('hex')
  return jwk.kty === 'OKP' ? hex(jwk.x) : `04${hex(jwk.x)}${hex(jwk.y)}`
}

/** An identifier on its way through Veramo, with the parts that its type has no place for. */
interface Carried extends Omit<IIdentifier, 'provider'> {
  readonly didLog?: string
  readonly witnessProofs?: string
  readonly pending?: IdentifierRecord['pending']
}

/** One provider for the three methods; which one is in the wish. */
class VaultProvider implements AbstractIdentifierProvider {
  readonly #store: Store
  readonly #clock: Clock

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  async createIdentifier({ options }: { options?: { wish?: Wish } }, { agent }: IAgentContext<IKeyManager>): Promise<Carried> {
    if (!options?.wish) throw new TrustError('DFFT_NOT_ALLOWED', 'identifiers are made through the node, with a wish')
    return carried(await makeIdentifier(options.wish, () => freshKey(agent), this.#clock.nowMs()))
  }

  async updateIdentifier(
    { did, options }: { did: string; options?: { change?: unknown; localOnly?: boolean } | undefined },
    { agent }: IAgentContext<IKeyManager>,
  ) {
    const change = options?.change as Change | undefined // `veramoIdentity` alone knows the word.
    if (!change) return refuse('a document is not changed through the agent')
    const keys = { fresh: () => freshKey(agent), held: ({ ref, publicJwk }: { ref: string; publicJwk: PublicJwk }) => heldKey(ref, publicJwk, agent) }
    return veramoOf(await changedIdentifier(await existing(this.#store, did), change, keys, this.#clock.nowMs()))
  }

  deleteIdentifier = () => refuse('an identifier is not deleted')
  addKey = () => refuse('a document is not changed through the agent')
  removeKey = () => refuse('a document is not changed through the agent')
  addService = () => refuse('a document is not changed through the agent')
  removeService = () => refuse('a document is not changed through the agent')
}

async function freshKey(agent: IAgentContext<IKeyManager>['agent']): Promise<FreshKey> {
  const { kid, meta } = await agent.keyManagerCreate({ type: 'Ed25519', kms })
  return heldKey(kid, (meta as { jwk: PublicJwk }).jwk, agent) // Our key manager put it there.
}

function heldKey(kid: string, publicJwk: PublicJwk, agent: IAgentContext<IKeyManager>['agent']): FreshKey {
  return {
    ref: kid as KeyRef, // Our key manager took it from the vault.
    publicJwk,
    sign: async (bytes) =>
      fromBase64url(await agent.keyManagerSign({ keyRef: kid, algorithm: 'EdDSA', data: Buffer.from(bytes).toString('hex'), encoding: 'hex' })),
  }
}

/** Veramo's identifiers as our records. The record's schema is closed, so an identifier with a private key in it is not written. */
class RecordStore implements AbstractDIDStore {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async importDID(identifier: IIdentifier): Promise<boolean> {
    await saveIdentifier(this.#store, recordOf(identifier))
    return true
  }

  async getDID(wanted: { did?: string; alias?: string }): Promise<IIdentifier> {
    if (wanted.did === undefined) throw new TrustError('DFFT_NOT_FOUND', 'identifiers have no aliases here')
    return veramoOf(await existing(this.#store, wanted.did))
  }

  async deleteDID(): Promise<boolean> {
    return refuse('an identifier is not deleted')
  }

  async listDIDs({ alias, provider }: { alias?: string; provider?: string }): Promise<IIdentifier[]> {
    if (alias !== undefined) return []
    return (await savedIdentifiers(this.#store)).map(veramoOf).filter((identifier) => provider === undefined || identifier.provider === provider)
  }
}

/** @throws {TrustError} DFFT_NOT_ALLOWED for anything that did not come from our provider, private keys first of all */
function recordOf({ did, controllerKeyId, keys, provider: _, services, ...more }: IIdentifier & { didLog?: string }): IdentifierRecord {
  const record = IdentifierRecord.safeParse({ did, keyId: controllerKeyId, keys: keys.map(recordKeyOf), ...more })
  if (!record.success || services.length > 0) throw new TrustError('DFFT_NOT_ALLOWED', 'the agent may store only identifiers that this node made')
  return record.data
}

function recordKeyOf({ kid, kms: _, type: __, publicKeyHex: ___, meta, ...more }: IKey) {
  return { ref: kid, role: meta?.role, publicJwk: meta?.jwk, ...more }
}

function veramoOf(record: IdentifierRecord): IIdentifier & Carried {
  return { provider: record.did.split(':', 2).join(':'), ...carried(record) }
}

function carried({ did, keyId, keys, didLog, witnessProofs, pending }: IdentifierRecord): Carried {
  const managed = keys.map(({ ref, role, publicJwk }) => keyInfo(ref as KeyRef, publicJwk, role)) // The vault named it.
  const more = { ...(didLog !== undefined && { didLog }), ...(witnessProofs !== undefined && { witnessProofs }), ...(pending && { pending }) }
  return { did, controllerKeyId: keyId, keys: managed, services: [], ...more }
}

function refuse(reason: string): Promise<never> {
  return Promise.reject(new TrustError('DFFT_NOT_ALLOWED', reason))
}
