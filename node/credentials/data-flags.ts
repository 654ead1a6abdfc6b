/**
 * What a holder knows of its data and no credential says: that they are important data, or sensitive in bulk.
 *
 * A node vouches for it in every question about the credential, and says of what is not flagged that it is not.
 */

import type { AuditLog } from '#node/audit/audit.ts'
import type { PolicyShelf } from '#node/policy/policy-shelf.ts'
import { nearestTo } from '#policies/terms.ts'
import { TrustError } from '#protocols/errors.ts'
import type { Kept, Wallet } from './wallet.ts'

interface Needs {
  readonly wallet: Wallet
  readonly shelf: PolicyShelf
  readonly audit: AuditLog
}

/**
 * Replaces the flags of a credential that this node holds; durable and in the log when this resolves.
 *
 * @throws {TrustError} DFFT_NOT_FOUND; DFFT_NOT_ALLOWED for what this node does not show as its own; DFFT_USAGE for a word that is no flag
 */
export async function flagData({ id, flags }: { readonly id: string; readonly flags: readonly string[] }, { wallet, shelf, audit }: Needs): Promise<Kept> {
  const kept = await wallet.get(id)
  // What was received goes nowhere, and what was issued is delivered to whom it is about.
  if (kept.role !== 'held') throw new TrustError('DFFT_NOT_ALLOWED', 'only the data of what this node holds can be flagged', { id, role: kept.role })
  const { dataFlag: known } = shelf.packs.shipped.terms
  for (const flag of flags) checkKnown(flag, known)
  const dataFlags = [...new Set(flags)].sort()
  const flagged: Kept = { ...kept, dataFlags }
  await audit.append([{ kind: 'credential-flagged', facts: { credential: id, flags: dataFlags } }], wallet.write(flagged))
  return flagged
}

function checkKnown(flag: string, known: ReadonlySet<string>): void {
  if (known.has(flag)) return
  const nearest = nearestTo(flag.slice(0, 64), known)
  const hint = nearest === null ? `there are ${[...known].join(', ')}` : `did you mean \`${nearest}\`?`
  throw new TrustError('DFFT_USAGE', `\`${flag.slice(0, 64)}\` is no data flag: ${hint}`, { flag: flag.slice(0, 64), nearest })
}
