/** What is trusted of one party, and why: how it is known here, as whom it may speak, and for which types it is recognised, each by its chain. */
import type { OutputOf } from '#node/api.ts'
import type { Blocks } from '#node/network/blocks.ts'
import { credentialTypes } from '#protocols/credential-types/known-types.ts'
import type { Did } from '#protocols/ids.ts'
import { type AcquaintanceNeeds, acquaintance } from './acquaintance.ts'
import { explained } from './trust-views.ts'

export interface PeerTrustNeeds extends AcquaintanceNeeds {
  readonly blocks: Pick<Blocks, 'all'>
}

export function peerTrust(did: Did, needs: PeerTrustNeeds): OutputOf<'peerTrust'> {
  const { trust, blocks, clock } = needs
  const nowMs = clock.nowMs()
  const root = trust.roots.find((one) => one.did === did)
  const standing = trust.standingOf(did, nowMs)
  return {
    did,
    known: acquaintance(did, needs),
    blocked: blocks.all.find((one) => one.did === did) ?? null,
    anchor: root ? { name: root.name, jurisdictions: [...root.jurisdictions], fingerprint: root.fingerprint, addedAt: root.addedAt } : null,
    standing: standing.ok
      ? {
          code: null,
          jurisdiction: standing.jurisdiction,
          sector: standing.sector,
          assurance: standing.assurance,
          validUntil: standing.accreditation.validUntil,
          chain: standing.links.map((link) => ({ ...link })),
        }
      : { code: standing.code, jurisdiction: null, sector: null, assurance: null, validUntil: null, chain: standing.links.map((link) => ({ ...link })) },
    types: [...credentialTypes.keys()].map((type) => {
      const { recognised, code, assurance, chain } = explained({ did, type }, trust, nowMs)
      return { type, recognised, code, assurance, chain }
    }),
  }
}
