/**
 * An act that is only tried: everything is looked at and made ready as in earnest, and where it would be written down, nothing is.
 *
 * For acts that write by one `append`, touch nothing outside before it and change nothing in memory after it. Whatever else they ask of the
 * log is not there, so that an act of another kind fails at once and writes nothing either.
 */
import type { AuditLog } from './audit.ts'

export function rehearsing<Needs extends { readonly audit: AuditLog }>(needs: Needs): Needs {
  const { audit } = needs
  return { ...needs, audit: unwritten(audit) }
}

/** What is never read: an act that needs its receipt cannot be rehearsed so. */
const nothing = Object.freeze({})

/** Where the log takes nothing in earnest, it takes nothing here either. */
function unwritten(audit: AuditLog): AuditLog {
  const append = async () => {
    if (audit.refusal) throw audit.refusal
    return nothing
  }
  return { append } as unknown as AuditLog // The only member that such an act uses.
}
