/**
 * Copies in the log: before a key is retired, what it signed for persons is entered, so that partners can vouch for its age.
 *
 *     issued-copies   sixty-four digests, nothing else; each is found by `issued-digest/<digest>`, as that of another credential
 *
 * Whoever is shown a copy may be shown its entry, and must not learn from it which others are the same person's. So no entry is of
 * one batch: all copies not yet logged are sorted by digest, which follows nothing, and cut into entries. Two of one person then stand
 * together as often as two of different persons. A digest of somebody else's copy tells nothing: no one can try out what was hashed,
 * since salts and a holder key are in it.
 *
 * The entries are filled up with digests of nothing, anywhere among the others: else the one that is not full would tell how many
 * copies there are, and of a single batch how many keys its holder has.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import { issuedKey } from '#node/audit/frozen-log.ts'
import type { Self } from '#node/identity/self.ts'
import type { Clock, Random, Store } from '#node/ports.ts'
import { claimsOf, parseJws, signedDigest } from '#protocols/credential/jws.ts'
import { type Digest, digest } from '#protocols/ids.ts'
import { issuedCopyTexts } from './copies.ts'

/** As many as one fact of an entry lists. */
const digestsPerEntry = 64
/** Entries that go to the disk together: 4,096 digests, some 300 KiB, and as many rows of the index. */
const entriesPerWrite = 64

interface Logging {
  readonly self: Pick<Self, 'keyId'>
  readonly store: Store
  readonly audit: Pick<AuditLog, 'append'>
  readonly random: Random
  readonly clock: Pick<Clock, 'nowMs'>
}

/**
 * Enters the unexpired copies that the key of today signed and that no entry names yet; after a crash in between, the rest of them.
 *
 * Of a copy only the digest is kept in memory: some 10 MiB for 100,000.
 *
 * @returns how many copies were entered
 * @throws {TrustError} DFFT_STORE; DFFT_CREDENTIAL_FORMAT for a damaged copy
 */
export async function logCopies(parts: Logging): Promise<number> {
  const { audit, random } = parts
  const digests = await unlogged(parts)
  const real = new Set<string>(digests)
  const entries = filledUp(digests, random)
  for (let at = 0; at < entries.length; at += entriesPerWrite) {
    const together = entries.slice(at, at + entriesPerWrite).map((signed) => {
      const indexUnder = signed.filter((one) => real.has(one)).map(issuedKey)
      return audit.append([{ kind: 'issued-copies', facts: { signed } }], [], { indexUnder })
    })
    await Promise.all(together)
  }
  return digests.length
}

async function unlogged({ self, store, clock }: Logging): Promise<readonly Digest[]> {
  const nowSeconds = clock.nowMs() / 1000
  const found: Digest[] = []
  for await (const text of issuedCopyTexts(store)) {
    const jws = parseJws(text.slice(0, text.indexOf('~')))
    if (jws.keyId !== self.keyId) continue // Its key was retired before, and nobody could vouch for it any more.
    const { exp } = claimsOf(jws)
    if (typeof exp === 'number' && exp <= nowSeconds) continue
    const signed = signedDigest(jws)
    if ((await store.get(issuedKey(signed))) === undefined) found.push(signed)
  }
  return found
}

/** Sorted, with so many digests of nothing that every entry is full. None for no copies. */
function filledUp(digests: readonly Digest[], random: Random): readonly (readonly Digest[])[] {
  const entries = Math.ceil(digests.length / digestsPerEntry)
  const missing = entries * digestsPerEntry - digests.length
  const all = [...digests, ...Array.from({ length: missing }, () => digest(random.bytes(32)))].sort()
  return Array.from({ length: entries }, (_, at) => all.slice(at * digestsPerEntry, (at + 1) * digestsPerEntry))
}
