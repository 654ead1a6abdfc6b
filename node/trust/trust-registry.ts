/** What this node believes, as the registry that TRQP asks. */
import type { Clock } from '#node/ports.ts'
import { Framework } from '#protocols/trust/framework.ts'
import { statementDigest } from '#protocols/trust/proof.ts'
import type { Between, Registry } from '#protocols/trust/registry.ts'
import type { Trust } from './trust.ts'

export function registryOf(trust: Trust, clock: Pick<Clock, 'nowMs'>): Registry {
  const between = (): Between => ({
    anchors: trust.roots.map(({ did, jurisdictions }) => ({ did, jurisdictions, withoutAgreement: true, said: null, head: null })),
    agreements: [],
    forked: new Set(),
  })
  return {
    get framework() {
      return new Framework({ ...between(), accreditations: trust.accreditations.map((document) => ({ document, digest: statementDigest(document) })) })
    },
    when: () => ({ nowMs: clock.nowMs(), island: false }),
    between,
  }
}
