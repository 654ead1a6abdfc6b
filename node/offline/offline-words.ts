/** Words that an operator types, against those that are known here. */
import { shippedPacks } from '#policies/packs/packs.ts'
import { nearestTo } from '#policies/terms.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'

/** The known word that an unknown one is a slip of; null where it is known, or like none: others have types and purposes of their own. */
export function nearestWord(kind: 'credential' | 'purpose', word: string): string | null {
  const known = kind === 'purpose' ? shippedPacks.terms.purpose : new Set(credentialTypes.keys())
  return known.has(word) ? null : nearestTo(word, known)
}
