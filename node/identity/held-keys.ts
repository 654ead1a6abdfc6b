/**
 * Whether the vault holds what the store names, before anything is done with either: a node without its keys must not make new ones,
 * since its partners would meet a stranger under its name.
 */

import type { Identifier, KeyRef, KeyVault } from '#node/ports.ts'
import { codeOf, TrustError } from '#protocols/errors.ts'

/** What a key is for. A former one that was given up (`dfft key recover`) is missed no more. */
export type KeyUse = 'signing' | 'former' | 'announced' | 'peer'

/** @param peerKey what the seed of the peer key is sealed under; @returns what is missing, each once */
export async function missingKeys(identifiers: readonly Identifier[], peerKey: KeyRef | undefined, vault: KeyVault): Promise<readonly KeyUse[]> {
  const named = identifiers.flatMap(({ keyRef, former = [], announced }): [KeyUse, KeyRef | undefined][] => [
    ['signing', keyRef],
    ...former.flatMap((key): [KeyUse, KeyRef][] => (key.lost ? [] : [['former', key.keyRef]])),
    ['announced', announced],
  ])
  const missing = new Set<KeyUse>()
  for (const [use, ref] of [...named, ['peer', peerKey] as const]) if (ref !== undefined && !(await holds(vault, ref))) missing.add(use)
  return [...missing]
}

/** Whether the vault has it; an ill vault says neither. */
export async function holds(vault: KeyVault, ref: KeyRef): Promise<boolean> {
  try {
    await vault.whereabouts(ref)
    return true
  } catch (thrown) {
    if (codeOf(thrown) === 'DFFT_KEY_UNKNOWN') return false
    throw thrown
  }
}

/**
 * Without the announced key alone a node works on, and can never rotate again: its operator is told at each start.
 *
 * @throws {TrustError} DFFT_KEYS_ELSEWHERE
 */
export function refuseMissing(missing: readonly KeyUse[], tell: (event: string) => void): void {
  const fatal = missing.filter((use) => use !== 'announced')
  if (fatal.length > 0) throw new TrustError('DFFT_KEYS_ELSEWHERE', 'the vault lacks keys that the store names', { missing: missing.join(' ') })
  if (missing.length > 0) tell('the key announced for the next rotation is in no vault: this DID cannot be rotated or ended any more')
}
