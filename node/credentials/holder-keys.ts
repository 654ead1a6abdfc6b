/**
 * Keys of the persons this node serves: made for an issuer that is about to issue copies of a credential, one key a copy.
 *
 * A key is in the vault before its public half is told, is claimed when the copy bound to it arrives, and is destroyed when that
 * copy was shown: from then on nobody can show it again, not even a node whose store was put back to an older day.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import type { Clock, KeyRef, KeyVault, Store, Write } from '#node/ports.ts'
import { getJson, putJson, scanJson } from '#node/stored.ts'
import type { Trust } from '#node/trust/trust.ts'
import { digestOf } from '#protocols/canonical.ts'
import { credentialTypeNamed } from '#protocols/credential-types/known-types.ts'
import { didKeyMethod, didKeyOf } from '#protocols/did/key.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'
import type { Did } from '#protocols/ids.ts'
import { type PublicJwk, type Signer, thumbprint, type VerifyJwk } from '#protocols/keys.ts'

export const holderKeyLimits = {
  /** Waiting for their copies, of one issuer: eight batches of the largest size under way at once. */
  perIssuerMax: 256,
  /** Of all issuers: a fifteenth of what the keystore holds. */
  totalMax: 4096,
  /** An issuer asks and issues in one act; what came to nothing within a day is made room of. */
  waitMsMax: 86_400_000,
} as const

/** A key that was told to an issuer and has no copy yet. */
interface Waiting {
  readonly ref: KeyRef
  readonly issuer: Did
  readonly credentialType: string
  readonly atMs: number
}

interface Needs {
  readonly store: Store
  readonly vault: KeyVault
  readonly clock: Clock
  readonly trust: Trust
  readonly audit: AuditLog
}

const waitingPrefix = 'holder-key/waiting/'
const spentPrefix = 'holder-key/spent/'

export class HolderKeys {
  readonly #needs: Needs
  /** Acts of making and destroying take turns, so that the limits hold. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(needs: Needs) {
    this.#needs = needs
  }

  /**
   * Fresh keys for an issuer, durable in the vault and in the record before they are told.
   *
   * @throws {TrustError} DFFT_CREDENTIAL_TYPE for a type that is not about persons, DFFT_ISSUER_NOT_RECOGNISED,
   *   DFFT_RATE_LIMITED when too many wait for their copies already
   */
  make(credentialType: string, count: number, issuer: Did): Promise<readonly PublicJwk[]> {
    return this.#serially(() => this.#make(credentialType, count, issuer))
  }

  async #make(credentialType: string, count: number, issuer: Did): Promise<readonly PublicJwk[]> {
    const { vault, clock, trust, audit } = this.#needs
    const atMs = clock.nowMs()
    if (credentialTypeNamed(credentialType).about !== 'person')
      throw new TrustError('DFFT_CREDENTIAL_TYPE', 'only credentials about persons have a key for each copy', { credentialType })
    if (!trust.recognises(issuer, credentialType, atMs))
      throw new TrustError('DFFT_ISSUER_NOT_RECOGNISED', `no pinned root recognises \`${issuer}\` for ${credentialType}`)
    await this.#makeRoom(count, issuer, atMs)
    const made: { readonly jwk: PublicJwk; readonly waiting: Waiting }[] = []
    for (let copy = 0; copy < count; copy++) {
      const ref = await vault.create('EdDSA')
      made.push({ jwk: await vault.publicKey(ref), waiting: { ref, issuer, credentialType, atMs } })
    }
    const jwks = made.map(({ jwk }) => jwk)
    const facts = { partner: issuer, credentialType, count, keys: digestOf(jwks.map(thumbprint)) }
    await audit.append(
      [{ kind: 'holder-keys', facts }],
      made.map(({ jwk, waiting }) => putJson(waitingKey(jwk), waiting)),
    )
    return jwks
  }

  /** Destroys what waited too long. @throws {TrustError} DFFT_RATE_LIMITED */
  async #makeRoom(count: number, issuer: Did, nowMs: number): Promise<void> {
    const { store, vault } = this.#needs
    const { perIssuerMax, totalMax, waitMsMax } = holderKeyLimits
    let total = count
    let own = count
    for await (const [key, waiting] of scanJson<Waiting>(store, waitingPrefix)) {
      if (nowMs - waiting.atMs > waitMsMax) {
        await destroy(vault, waiting.ref)
        await store.batch([{ del: key }])
        continue
      }
      total++
      if (waiting.issuer === issuer) own++
    }
    if (own > perIssuerMax || total > totalMax)
      throw new TrustError('DFFT_RATE_LIMITED', 'too many holder keys wait for the credentials they were made for', { own, perIssuerMax, total, totalMax })
  }

  /** Whether the key was made for this issuer and type, and has no copy yet. */
  async waiting(jwk: VerifyJwk, { issuer, credentialType }: { readonly issuer: Did; readonly credentialType: string }): Promise<KeyRef | undefined> {
    const waiting = await getJson<Waiting>(this.#needs.store, waitingKey(jwk))
    return waiting?.issuer === issuer && waiting.credentialType === credentialType ? waiting.ref : undefined
  }

  /** Its copy has come: part of the batch that keeps the copy. */
  claimed(jwk: VerifyJwk): Write {
    return { del: waitingKey(jwk) }
  }

  /** Signs as the holder of one copy; its name says nothing of this node. @throws {TrustError} DFFT_KEY_UNKNOWN when its copy was shown */
  async signer(ref: KeyRef): Promise<Signer> {
    const { vault } = this.#needs
    const publicJwk = await vault.publicKey(ref)
    return { algorithm: 'EdDSA', keyId: didKeyMethod(didKeyOf(publicJwk)), publicJwk, sign: (bytes) => vault.sign(ref, bytes) }
  }

  /** Its copy is shown: part of the batch that records the release. */
  spent(ref: KeyRef): Write {
    return putJson(`${spentPrefix}${ref}`, {})
  }

  /** Destroys the keys of copies that were shown; to be called after their release is on disk, and when the node starts. */
  destroySpent(): Promise<void> {
    return this.#serially(async () => {
      const { store, vault } = this.#needs
      for await (const [key] of scanJson(store, spentPrefix)) {
        await destroy(vault, key.slice(spentPrefix.length) as KeyRef) // `spent` wrote it from one.
        await store.batch([{ del: key }])
      }
    })
  }

  #serially<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(act, act)
    this.#last = mine.catch(() => undefined)
    return mine
  }
}

async function destroy(vault: KeyVault, ref: KeyRef): Promise<void> {
  try {
    await vault.destroy(ref)
  } catch (thrown) {
    if (codeOf(thrown) !== 'DFFT_KEY_UNKNOWN') throw thrown // Destroyed before a crash kept that from being noted.
  }
}

function waitingKey(jwk: VerifyJwk): string {
  return `${waitingPrefix}${thumbprint(jwk)}`
}
